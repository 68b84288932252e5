package harness

import (
	"testing"
	"time"
)

func TestParseHandler(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Handler
		ok   bool
	}{
		{"", Handler{Name: "echo"}, true},
		{"echo", Handler{Name: "echo"}, true},
		{"compute:50us", Handler{"compute", 50 * time.Microsecond}, true},
		{"sleep:1ms", Handler{"sleep", time.Millisecond}, true},
		{"mixed:2s", Handler{"mixed", 2 * time.Second}, true},
		{"callback", Handler{Name: "callback"}, true},
		{"push", Handler{Name: "push"}, true},
		{"echo:1ms", Handler{}, false},
		{"sleep", Handler{}, false},
		{"sleep:-1ms", Handler{}, false},
		{"sleep:soon", Handler{}, false},
		{"dance", Handler{}, false},
	} {
		got, err := ParseHandler(tt.in)
		if (err == nil) != tt.ok || tt.ok && got != tt.want {
			t.Errorf("%q: got %v, %v, want %v, %t", tt.in, got, err, tt.want, tt.ok)
		}
	}
}

func TestMode_Connections(t *testing.T) {
	for _, tt := range []struct {
		mode    Mode
		clients int
		want    int
		ok      bool
	}{
		{"conn", 500, 500, true},
		{"shared1", 500, 1, true},
		{"shared8", 500, 8, true},
		{"shared8", 3, 3, true},
		{"shared0", 3, 0, false},
		{"shared", 3, 0, false},
		{"sharedx", 3, 0, false},
		{"8", 3, 0, false},
		{"", 3, 0, false},
	} {
		got, err := tt.mode.Connections(tt.clients)
		if (err == nil) != tt.ok || tt.ok && got != tt.want {
			t.Errorf("%q of %d clients: got %d, %v, want %d, %t", tt.mode, tt.clients, got, err, tt.want, tt.ok)
		}
	}
}
