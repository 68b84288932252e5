package plot

import (
	"bytes"
	"fmt"
	"html"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	height   = 560 // of every picture, in CSS pixels
	narrow   = 900
	wide     = 1180 // of a picture with two panels
	pixelDPI = 192  // a PNG has two pixels for each CSS pixel
)

func (p picture) size() (w, h vg.Length) {
	w = narrow
	if len(p.panels) > 1 {
		w = wide
	}
	return w * 0.75, height * 0.75
}

// save writes the picture as PNG and as SVG and returns their paths.
func (p picture) save(dir string) ([]string, error) { return p.saveAt(dir, pixelDPI) }

func (p picture) saveAt(dir string, dpi int) ([]string, error) {
	var files []string
	for _, format := range []struct {
		ext    string
		encode func(io.Writer) error
	}{{".png", func(to io.Writer) error { return p.png(to, dpi) }}, {".svg", p.svg}} {
		var b bytes.Buffer
		if err := format.encode(&b); err != nil {
			return nil, fmt.Errorf("drawing %s%s: %w", p.file, format.ext, err)
		}
		path := filepath.Join(dir, p.file+format.ext)
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			return nil, fmt.Errorf("writing a picture: %w", err)
		}
		files = append(files, path)
	}
	return files, nil
}

func (p picture) png(to io.Writer, dpi int) error {
	w, h := p.size()
	c := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi))
	p.draw(draw.New(c))
	return png.Encode(to, c.Image())
}

// svg names fonts instead of carrying them: Arial and Helvetica have the
// widths of Liberation Sans, with which the layout was computed, and a font in
// each picture would be twenty times the picture.
func (p picture) svg(to io.Writer) error {
	w, h := p.size()
	c := vgsvg.New(w, h)
	p.draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	s := strings.ReplaceAll(b.String(), "font-family:Liberation Sans;font-variant:normal;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")
	s = strings.Replace(s, `xmlns:xlink="http://www.w3.org/1999/xlink">`,
		`xmlns:xlink="http://www.w3.org/1999/xlink" role="img">`+"\n<title>"+html.EscapeString(p.title)+"</title>", 1)
	_, err := io.WriteString(to, s)
	return err
}
