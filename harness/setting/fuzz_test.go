package setting

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzSet: a text that a setting refuses changes nothing, and what it takes is
// written such that it makes the same configuration again.
func FuzzSet(f *testing.F) {
	for i, s := range All() {
		for _, text := range samples[s.Name] {
			f.Add(uint8(i), text)
		}
		f.Add(uint8(i), s.Unset)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		s := All()[int(which)%len(All())]
		c, again := Defaults(), Defaults()
		if err := s.Set(&c, text); err != nil {
			if diff := cmp.Diff(again, c); diff != "" {
				t.Fatalf("%s=%q is refused and changes\n%s", s.Name, text, diff)
			}
			return
		}
		if len(s.values(c)) == 0 {
			return // unset
		}
		for _, value := range s.values(c) {
			if err := s.Set(&again, value); err != nil {
				t.Fatalf("%s=%q is written %q: %v", s.Name, text, value, err)
			}
		}
		if diff := cmp.Diff(s.values(c), s.values(again)); diff != "" {
			t.Errorf("%s=%q, written and read again:\n%s", s.Name, text, diff)
		}
	})
}
