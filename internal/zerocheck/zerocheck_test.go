package zerocheck

import (
	"errors"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type thing struct{ inner *thing }

func (t *thing) Deref() *thing { return t.inner }

// The check itself must find what it is for.
func TestTry(t *testing.T) {
	for name, c := range map[string]struct {
		f    any
		says string
	}{
		"fine":             {func(p *thing) error { return errors.New("nil") }, ""},
		"a panic":          {func(p *thing) *thing { return p.inner }, "it panics"},
		"a value":          {func(int) (string, error) { return "all is well", nil }, "no error"},
		"an empty map":     {func() (map[string]int, error) { return map[string]int{}, nil }, ""},
		"a bad iterator":   {func() iter.Seq2[int, error] { return func(y func(int, error) bool) { y(1, nil) } }, "yields"},
		"a good iterator":  {func() iter.Seq2[int, error] { return func(y func(int, error) bool) { y(0, errors.New("x")) } }, ""},
		"an iterator dies": {func() iter.Seq2[int, error] { return func(func(int, error) bool) { panic("x") } }, "it panics"},
	} {
		f := reflect.ValueOf(c.f)
		out, got := try(f, reflect.Zero)
		if got == "" {
			got = judge(f.Type(), out)
		}
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}

func TestExported(t *testing.T) {
	if got := exported(t, ".", map[string]any{}, nil); !slices.Equal(slices.Sorted(slices.Values(got)), []string{"Methods", "Run"}) {
		t.Errorf("%v is exported, want Methods and Run", got)
	}
	if got := exported(t, ".", map[string]any{"Run": Run, "Methods": Methods}, nil); got != nil {
		t.Errorf("%v is exported and unknown, want nothing", got)
	}
}
