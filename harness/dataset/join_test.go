package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/graph"
)

// Columns of any kind are joined, in memory or in a scratch file.
func TestJoin(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for name, parts := range map[string][]Column{
		"numbers":         {Of("x", []int{2}, []int16{1, 2, 3, 4}), Of("x", []int{2}, []int16{5, 6})},
		"texts":           {Texts("x", nil, []string{"a", "bc"}), Texts("x", nil, []string{"", "d"})},
		"sequences":       {Ragged(Of("x", []int{2}, []int16{1, 2, 3, 4, 5, 6}), []int{1, 2}), Ragged(Of("x", []int{2}, []int16{7, 8}), []int{1})},
		"texts in order":  {Ragged(Texts("x", nil, []string{"a", "b", "c"}), []int{1, 2}), Ragged(Texts("x", nil, []string{"d"}), []int{1})},
		"nothing between": {Of("x", nil, []int16{1}), Of("x", nil, []int16{}), Of("x", nil, []int16{2})},
	} {
		for _, room := range []int{1, 1 << 20} {
			t.Run(fmt.Sprint(name, room), func(t *testing.T) {
				b := NewBuilder(t.Context(), "b", room)
				var want []string
				for _, p := range parts {
					want = append(want, written(&p)...)
				}
				joined, err := b.Join(len(parts), func(i int) (Column, error) { return parts[i], nil })
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, written(&joined)); d != "" {
					t.Error(d)
				}
				if err := errors.Join(b.Add("x", joined), b.Close()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// written are the examples of a column.
func written(c *Column) []string {
	var out []string
	for i := range c.Examples() {
		p := &Part{}
		c.copyTo(p, i, i+1)
		out = append(out, fmt.Sprint(c.Shape(), p.Lengths, p.Data, p.Ends))
	}
	return out
}

func TestJoinFails(t *testing.T) {
	broken := errors.New("broken")
	b := NewBuilder(t.Context(), "b", 0)
	for _, fails := range []int{0, 1, 2} {
		_, err := b.Join(3, func(i int) (Column, error) {
			if i == fails {
				return Column{}, broken
			}
			return Of("x", nil, []int16{1}), nil
		})
		if !errors.Is(err, broken) {
			t.Errorf("part %d fails, and the error is %v", fails, err)
		}
	}
	_, err := b.Join(2, func(int) (Column, error) { return Of("x", nil, []int16{}), nil })
	wantError(t, err, ErrUnfit, "holds no examples")
}

// The parts take no room once they are joined, and none of their mappings is left.
func TestJoinGivesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte{1, 2, 3, 4}, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, inFile := range []bool{true, false} {
		b := NewBuilder(t.Context(), "b", 100)
		_, err := b.Join(3, func(int) (Column, error) {
			f, err := os.Open(path)
			if err != nil {
				return Column{}, err
			}
			defer f.Close()
			body := &Body{Reader: f}
			if inFile {
				body.File, body.End = f, 4
			}
			return b.Hold(graph.Uint8, nil, 4, body)
		})
		if err != nil {
			t.Fatal(err)
		}
		if b.room != 100-12 || len(b.set.mappings) > 0 {
			t.Errorf("in a file: %t: room for %d bytes of 100 is left, with 12 in use, and %d mappings", inFile, b.room, len(b.set.mappings))
		}
	}
}
