package wireshark_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/tools/needs"
)

// textOf is a packet of the oracle in the form of [dissected].
func textOf(p oracle.Packet) string {
	meta := []string{}
	for _, pair := range p.Meta {
		meta = append(meta, fmt.Sprintf("%x %x", pair.Key, pair.Value))
	}
	return fmt.Sprintf(" seq=%d ptype=%d uri=%x meta=%q codec=%d body=%x", p.Seq, p.Ptype, p.Uri, meta, p.Codec, p.Body)
}

// judge compares what tshark found in a capture of a dialogue with what the oracle finds in its bytes, and the links
// between PULLs and REPLYs with the seqs. It gives how many frames and links there were.
func judge(t *testing.T, packets []node, toServer func(i int, packet node) bool, f *tap) (total, links int) {
	t.Helper()
	seen := map[bool][]node{}
	place := map[string]int{} // direction, type and seq of a frame: the number of its packet
	key := func(dir bool, ptype, seq string) string { return fmt.Sprint(dir, ptype, " ", seq) }
	for i, packet := range packets {
		dir := toServer(i, packet)
		for _, frame := range frames(packet) {
			seen[dir] = append(seen[dir], frame)
			place[key(dir, frame.get("teleport.type"), frame.get("teleport.seq"))] = i + 1
		}
	}
	for _, dir := range []bool{true, false} {
		want, err := oracle.Fast.DecodeStream(f.bytes(dir), oracle.Limits{})
		if err != nil {
			t.Fatalf("the dialogue itself is not right: %v", err)
		}
		if len(want) != len(seen[dir]) {
			t.Fatalf("to the server %t: expected %d frames, got %d", dir, len(want), len(seen[dir]))
		}
		for i, p := range want {
			frame := seen[dir][i]
			total++
			if got := dissected(frame); got != textOf(p) || frame.get("teleport.size") != fmt.Sprint(p.Size) || len(frame.all("teleport.pipe.filter")) != len(p.Pipe) {
				t.Errorf("to the server %t, frame %d:\nexpected %.300s\ngot      %.300s", dir, i, textOf(p), got)
			}
			if e, failed := oracle.ReplyErrorOf(p.Meta); failed && p.Ptype == oracle.Reply {
				if frame.get("teleport.error.code") != fmt.Sprint(e.Code) || frame.get("teleport.error.message") != string(e.Message) {
					t.Errorf("frame %d: expected error %d %s, got %s %s", i, e.Code, e.Message, frame.get("teleport.error.code"), frame.get("teleport.error.message"))
				}
			}
			other, name := 0, "teleport.response_in"
			switch p.Ptype {
			case oracle.Pull:
				other = place[key(!dir, "2", fmt.Sprint(p.Seq))]
			case oracle.Reply:
				other, name = place[key(!dir, "1", fmt.Sprint(p.Seq))], "teleport.response_to"
				if frame.get("teleport.time") == "" {
					t.Errorf("the REPLY %d has no time since its request", p.Seq)
				}
			default:
				continue
			}
			links++
			if got := frame.get(name); got != fmt.Sprint(other) || other == 0 {
				t.Errorf("to the server %t, seq %d: %s is %q, expected %d", dir, p.Seq, name, got, other)
			}
		}
	}
	return total, links
}

// TestDialogue_DissectedByTshark records a live dialogue on loopback, as the tap sees it. No port is told: the heuristic finds
// the connection.
func TestDialogue_DissectedByTshark(t *testing.T) {
	program := needs.Program(t, "tshark")
	pushed := make(chan string, 1)
	f := newTap(t, listen(t, pushed))
	speak(t, f, pushed)
	path := f.pcap().save(t)
	packets, err := tshark(t.Context(), program, path)
	if err != nil {
		t.Fatal(err)
	}
	total, links := judge(t, packets, func(i int, _ node) bool { return i < len(f.pieces) && f.pieces[i].toServer }, f)
	t.Logf("%d segments, %d frames, %d links", len(packets), total, links)
	if total < 57 || links < 56 {
		t.Errorf("expected at least 57 frames and 56 links, got %d and %d", total, links)
	}

	out, err := run(t.Context(), program, path, nil, "-o", `gui.column.format:"Info","%i"`)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"PULL #0 /div?unit=1 (", "REPLY #4 /div (", "error 1001 division by zero", "PUSH #0 /news ("} {
		if !strings.Contains(string(out), line) {
			t.Errorf("the info column has no %q:\n%s", line, out)
		}
	}
	for filter, least := range map[string]int{
		"teleport.type == 1 && !teleport.meta": 2,
		`teleport.uri contains "news"`:         1,
		`teleport.meta.value == "en & de"`:     1,
	} {
		out, err := run(t.Context(), program, path, nil, "-Y", filter)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(out, []byte("\n")); n < least || n == len(packets) {
			t.Errorf("filter %s: %d packets of %d, expected at least %d and not all", filter, n, len(packets), least)
		}
	}
}

// TestStream_EndsInsideAFrame has a FIN of its own behind a frame that is not whole, on a port that is decoded as Teleport.
func TestStream_EndsInsideAFrame(t *testing.T) {
	program := needs.Program(t, "tshark")
	c := newCapture()
	from, to := &end{addr: [4]byte{10, 1, 0, 1}, port: 40000, seq: 1}, &end{addr: [4]byte{10, 0, 0, 1}, port: port, seq: 1}
	wire := oracle.Frame(nil, oracle.Payload(3, oracle.Push, []byte("/a"), nil, 's', bytes.Repeat([]byte("b"), 100)))
	c.send(from, to, wire, false)
	c.send(from, to, wire[:10], false)
	c.send(from, to, wire[10:30], false)
	c.send(from, to, nil, true)
	out, err := run(t.Context(), program, c.save(t), nil, "-d", fmt.Sprintf("tcp.port==%d,teleport", port), "-Y", "teleport.malformed == \"short\"",
		"-T", "fields", "-e", "frame.number", "-e", "teleport.malformed.stage", "-e", "teleport.malformed.offset")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(string(out)), "4\tframe\t30"; got != want {
		t.Errorf("expected %q, got %q", want, got)
	}
}

// TestGarbage_RaisesNoError gives the dissector frames with changed and missing bytes. Whatever it makes of them, it must
// go on.
func TestGarbage_RaisesNoError(t *testing.T) {
	program := needs.Program(t, "tshark")
	meta := []byte("a=1&X-Reply-Error=%7B%22code%22%3A404%2C%22message%22%3A%22n%22%7D&%&=&+")
	payload := oracle.Payload(7, oracle.Reply, []byte("/a?b"), meta, 'j', []byte(`{"a":[1,"\u00e9",{}]}`))
	wires := [][]byte{oracle.Frame(nil, payload), oracle.Frame([]byte("g"), oracle.Gzip(payload)),
		oracle.Frame([]byte("c"), oracle.AppendCrc32c(payload))}
	c := newCapture()
	streams := 0
	add := func(data []byte) {
		streams++
		from := &end{addr: [4]byte{10, 2, byte(streams >> 8), byte(streams)}, port: 40000, seq: 1}
		c.send(from, &end{addr: [4]byte{10, 0, 0, 1}, port: port, seq: 1}, data, streams%2 == 0)
	}
	for _, wire := range wires {
		for at := range wire {
			if !long() && at%4 != 0 {
				continue
			}
			for _, x := range []byte{0x01, 0x80, 0xff} {
				changed := slices.Clone(wire)
				changed[at] ^= x
				add(changed)
			}
			add(wire[:at])
			shorter := slices.Delete(slices.Clone(wire), at, at+1)
			shorter[3]-- // the size is right again
			add(shorter)
		}
	}
	add(oracle.Frame(nil, oracle.Payload(1, 1, nil, nil, 'j', bytes.Repeat([]byte("["), 50000))))
	packets, err := tshark(t.Context(), program, c.save(t), fmt.Sprintf("ports:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	if len(packets) != c.packets {
		t.Fatalf("%d packets, expected %d", len(packets), c.packets)
	}
	faults := 0
	for _, packet := range packets {
		faults += len(packet.all("teleport.malformed"))
	}
	t.Logf("%d streams, %d faults shown", streams, faults)
	if faults < streams/3 {
		t.Errorf("%d faults in %d streams, expected more than a third", faults, streams)
	}
}

// TestGarbage_WouldShowAnError breaks the dissector, so that the test above can fail.
func TestGarbage_WouldShowAnError(t *testing.T) {
	program := needs.Program(t, "tshark")
	dir := t.TempDir()
	for _, name := range []string{"teleport.lua", "teleport_text.lua"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b = bytes.Replace(b, []byte("local seq = tostring("), []byte("local seq = tostring(nothing.x or "), 1)
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := newCapture()
	from, to := &end{addr: [4]byte{10, 1, 0, 1}, port: 40000, seq: 1}, &end{addr: [4]byte{10, 0, 0, 1}, port: port, seq: 1}
	c.send(from, to, oracle.Frame(nil, oracle.Payload(3, oracle.Push, []byte("/a"), nil, 's', nil)), true)
	_, err := tsharkWith(t.Context(), program, filepath.Join(dir, "teleport.lua"), c.save(t), fmt.Sprintf("ports:%d", port))
	if err == nil || !strings.Contains(err.Error(), "Lua Error") {
		t.Errorf("expected the error of Lua, got %v", err)
	}
}
