package tp

import (
	"net/url"
	"strings"
)

// parseUri splits a uri into the path, percent-decoded, that is routed on and
// the raw query. The path is not cleaned: /a/ and a are not /a. An absolute
// uri has its scheme and host taken off.
//
// req: TP-SESS-006
func parseUri(uri string) (path, rawQuery string, err error) {
	if p, q, ok := splitPlainUri(uri); ok {
		return p, q, nil
	}
	u, err := url.Parse(uri)
	if err != nil {
		return "", "", err
	}
	return u.Path, u.RawQuery, nil
}

// splitPlainUri does the common case, a rooted path without escapes, without
// taking memory. It answers ok only where url.Parse gives the same.
func splitPlainUri(uri string) (path, rawQuery string, ok bool) {
	if uri == "" || uri[0] != '/' || strings.HasPrefix(uri, "//") {
		return "", "", false
	}
	query := -1
	for i := 0; i < len(uri); i++ {
		switch c := uri[i]; {
		case c < 0x20 || c == 0x7f || c == '#': // errors, fragments: url.Parse knows
			return "", "", false
		case c == '%' && query < 0:
			return "", "", false
		case c == '?' && query < 0:
			query = i
		}
	}
	if query < 0 {
		return uri, "", true
	}
	return uri[:query], uri[query+1:], true
}

// parseQuery reads a raw query as form values; what cannot be read is left out.
func parseQuery(rawQuery string) url.Values {
	v, _ := url.ParseQuery(rawQuery) // the values that could be read are there
	return v
}
