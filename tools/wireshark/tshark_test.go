package wireshark_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// port is the server's in captures that are made here.
const port = 9090

// node is a member of tshark's JSON. Names repeat there, so it cannot be read into maps.
type node struct {
	name string
	text string // of a string, or of the first element of an array
	kids []node
}

// all gives the nodes with that name anywhere below, in order.
func (n node) all(name string) []node {
	var out []node
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		}
		out = append(out, k.all(name)...)
	}
	return out
}

// get gives the text of the first node with that name, empty where there is none.
func (n node) get(name string) string {
	if found := n.all(name); len(found) > 0 {
		return found[0].text
	}
	return ""
}

// raw gives the bytes of a field.
func (n node) raw(name string) []byte {
	b, err := hex.DecodeString(n.get(name + "_raw"))
	if err != nil {
		return []byte("not hex: " + n.get(name+"_raw"))
	}
	return b
}

// tshark dissects a capture, and gives what it says of each packet, in order. prefs are options like "max_uri:30".
func tshark(ctx context.Context, program, path string, prefs ...string) ([]node, error) {
	return tsharkWith(ctx, program, "teleport.lua", path, prefs...)
}

// tsharkWith is tshark with another dissector.
func tsharkWith(ctx context.Context, program, script, path string, prefs ...string) ([]node, error) {
	var top node
	err := execute(ctx, program, script, path, prefs, []string{"-T", "json", "-x", "-J", "teleport"}, func(out io.Reader) (err error) {
		top, err = decode(json.NewDecoder(out))
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, packet := range top.kids {
		if e := luaError(packet); e != "" {
			return nil, fmt.Errorf("packet %d: %s", i+1, e)
		}
	}
	return top.kids, nil
}

// luaError gives the error that a dissector raised: tshark makes it the name of a layer.
func luaError(n node) string {
	for _, k := range n.kids {
		if strings.HasPrefix(k.name, "Lua Error") {
			return k.name
		}
		if e := luaError(k); e != "" {
			return e
		}
	}
	return ""
}

// run runs tshark with the dissector, in two passes, and gives what it writes.
func run(ctx context.Context, program, path string, prefs []string, args ...string) (out []byte, err error) {
	err = execute(ctx, program, "teleport.lua", path, prefs, args, func(r io.Reader) (err error) {
		out, err = io.ReadAll(r)
		return err
	})
	return out, err
}

// execute runs tshark and has its output read while it is written: there can be much of it.
func execute(ctx context.Context, program, script, path string, prefs, args []string, read func(io.Reader) error) error {
	args = append([]string{"-n", "-2", "-r", path, "-X", "lua_script:" + script}, args...)
	for _, pref := range prefs {
		args = append(args, "-o", "teleport."+pref)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := read(stdout)
	if readErr != nil {
		cancel() // what is left is not read, so tshark would never end
	}
	err = cmd.Wait()
	if readErr != nil || err != nil || strings.Contains(stderr.String(), "Lua") {
		return fmt.Errorf("tshark %q: reading its output: %v; its end: %v\n%s", args, readErr, err, stderr.String())
	}
	return nil
}

// isWanted tells which members are kept: not the bytes of whole packets and layers, nor a body a second and third time.
func isWanted(name string) bool {
	switch name {
	case "frame_raw", "eth_raw", "ip_raw", "tcp_raw", "teleport_raw", "teleport.body", "teleport.body.text", "teleport.body.text_raw",
		"teleport.body.text_tree", "teleport.meta", "json", "json_raw", "teleport.after_fault", "teleport.after_fault_raw":
		return false
	}
	return true
}

// decode reads one value.
func decode(dec *json.Decoder) (node, error) {
	token, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	var n node
	switch token {
	case json.Delim('{'), json.Delim('['):
		for dec.More() {
			name := ""
			if token == json.Delim('{') {
				key, err := dec.Token()
				if err != nil {
					return n, err
				}
				name, _ = key.(string)
			}
			kid, err := decode(dec)
			if err != nil {
				return n, err
			}
			kid.name = name
			if isWanted(name) {
				n.kids = append(n.kids, kid)
			}
		}
		if _, err := dec.Token(); err != nil && err != io.EOF {
			return n, err
		}
		if token == json.Delim('[') && len(n.kids) > 0 && n.kids[0].kids == nil {
			n.text, n.kids = n.kids[0].text, nil // the bytes of a field, and where they are
		}
	case nil:
	default:
		n.text = fmt.Sprint(token)
	}
	return n, nil
}

// frames gives the frames that tshark saw complete or faulty in a packet; not what it left alone behind a fault.
func frames(packet node) []node {
	var out []node
	for _, layer := range packet.all("teleport") {
		if len(layer.all("teleport.malformed")) > 0 || isWhole(layer) {
			out = append(out, layer)
		}
	}
	return out
}

// isWhole tells a whole frame from the beginning of one that ends in a later segment.
func isWhole(layer node) bool {
	for _, name := range []string{"teleport.codec", "teleport.pipe.closed", "teleport.payload"} {
		if len(layer.all(name)) > 0 {
			return true
		}
	}
	return false
}
