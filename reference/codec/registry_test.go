package codec_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/reference/codec"
)

// fake is a codec with an id and a name of one's choice.
type fake struct {
	codec.String
	id   byte
	name string
}

func (f fake) Id() byte     { return f.id }
func (f fake) Name() string { return f.name }

func TestDefault_BuiltIn(t *testing.T) {
	for id, name := range map[byte]string{'j': "json", 'p': "protobuf", 's': "string"} {
		c, err := codec.Get(id)
		if err != nil || c.Id() != id || c.Name() != name {
			t.Errorf("Get(%q) = %v, %v", id, c, err)
		}
		if c, err := codec.GetByName(name); err != nil || c.Id() != id {
			t.Errorf("GetByName(%q) = %v, %v", name, c, err)
		}
	}
	if c, err := codec.GetByName("plain"); err != nil || c.Id() != codec.StringId {
		t.Errorf(`GetByName("plain") = %v, %v, want the string codec`, c, err)
	}
}

func TestGet_Unknown(t *testing.T) {
	var unknown *codec.UnknownError
	if _, err := codec.Get(codec.NilCodecId); !errors.As(err, &unknown) || unknown.Id != 0 {
		t.Errorf("Get(0): %v, want an *UnknownError", err)
	}
	if _, err := codec.Default().Get('X'); !errors.As(err, &unknown) || unknown.Id != 'X' {
		t.Errorf("Get('X'): %v, want an *UnknownError with the id", err)
	}
	if _, err := codec.GetByName("nosuch"); !errors.As(err, &unknown) || unknown.Name != "nosuch" {
		t.Errorf("GetByName: %v, want an *UnknownError with the name", err)
	}
}

func TestAdd_Refuses(t *testing.T) {
	r := codec.NewRegistry(nil)
	r.Reg(fake{id: 'a', name: "a"})
	tests := []struct {
		name string
		c    codec.Codec
		want error
	}{
		{"nil", nil, codec.ErrNil},
		{"id 0", fake{name: "z"}, codec.ErrZeroId},
		{"no name", fake{id: 'z'}, codec.ErrEmptyName},
		{"id taken", fake{id: 'a', name: "z"}, codec.ErrIdTaken},
		{"name taken", fake{id: 'z', name: "a"}, codec.ErrNameTaken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := r.Add(tt.c)
			var re *codec.RegisterError
			if !errors.As(err, &re) || !errors.Is(err, tt.want) {
				t.Fatalf("Add: %v, want a *RegisterError with %v", err, tt.want)
			}
			defer func() {
				if got, ok := recover().(error); !ok || !errors.Is(got, tt.want) {
					t.Errorf("Reg panics with %v, want %v", got, tt.want)
				}
			}()
			r.Reg(tt.c)
		})
	}
	if _, err := r.Get('z'); err == nil {
		t.Error("a refused codec is found")
	}
}

func TestAdd_DefaultNamesAreTaken(t *testing.T) {
	for _, name := range []string{"json", "plain"} {
		if err := codec.Default().Add(fake{id: 199, name: name}); !errors.Is(err, codec.ErrNameTaken) {
			t.Errorf("Add %q: %v, want ErrNameTaken", name, err)
		}
	}
}

func TestReg_IsSeenByOverlays(t *testing.T) {
	over := codec.NewRegistry(codec.Default())
	id := byte(200) // what an earlier run has registered stays
	for ; id > 0; id++ {
		if _, err := over.Get(id); err != nil {
			break
		}
	}
	name := fmt.Sprint("late", id)
	codec.Reg(fake{id: id, name: name})
	if c, err := over.Get(id); err != nil || c.Name() != name {
		t.Errorf("a codec registered for the process later: %v, %v", c, err)
	}
	err := codec.Default().Add(fake{id: id, name: "other"})
	if want := fmt.Sprintf(`codec: cannot register codec "other" with id %d: the id is already taken`, id); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := codec.GetByName("nosuch"); err == nil || err.Error() != `codec: no codec named "nosuch" is registered` {
		t.Errorf("got %v", err)
	}
}

func TestRegistry_Overlay(t *testing.T) {
	base := codec.NewRegistry(nil)
	over := codec.NewRegistry(base)
	base.Reg(fake{id: 'a', name: "late"})
	if c, err := over.Get('a'); err != nil || c.Name() != "late" {
		t.Errorf("a codec added to the base later is not seen: %v, %v", c, err)
	}
	over.Reg(fake{id: 'a', name: "own"})
	if c, _ := over.Get('a'); c.Name() != "own" {
		t.Errorf("Get gives %q, want the overlay's own codec", c.Name())
	}
	if c, err := over.GetByName("late"); err != nil || c.Name() != "late" {
		t.Errorf("the base's name is lost: %v, %v", c, err)
	}
	if _, err := base.GetByName("own"); err == nil {
		t.Error("the base sees the overlay's codec")
	}
}

func TestRegistry_Concurrent(t *testing.T) {
	r := codec.NewRegistry(codec.Default())
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { r.Reg(fake{id: byte(100 + 20 + i), name: string(rune('A' + i))}) })
		wg.Go(func() {
			if _, err := r.GetByName("json"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range 20 {
		if _, err := r.Get(byte(120 + i)); err != nil {
			t.Error(err)
		}
	}
}
