package feed

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
	"epochtime/internal/tstring"
)

// words makes a column of strings, so many an example.
func words(name string, shape []int, values ...string) dataset.Column {
	return dataset.Texts(name, shape, values)
}

// someWords are n words, most of them too long for a record.
func someWords(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%d%s", i, strings.Repeat("ö", i*7%40))
	}
	return out
}

// read is what a slot of strings holds.
func read(s Slot) []string {
	n := 1
	for _, d := range s.Shape {
		n *= int(d)
	}
	out := make([]string, n)
	for k := range out {
		out[k] = tstring.Get(s.Bytes, k)
	}
	return out
}

func stringGraph(shape ...int64) *graph.Manifest {
	return &graph.Manifest{
		Inputs:     []graph.Tensor{testgraph.Tensor("x", graph.String, shape...)},
		Preprocess: []graph.Preprocess{{Op: "pad", Input: "x"}},
	}
}

func TestStringsAreFed(t *testing.T) {
	all := someWords(14)
	set := setOf(7, words("x", []int{2}, all...))
	f := feederOf(t, set, stringGraph(2), Options{Batch: 3, Prefetch: 1})
	for epoch := range 2 {
		f.Start(epoch)
		for k := range 3 {
			b := must(f.Next())
			want := all[6*k : min(6*k+6, 14)]
			if got := read(b.Slots[0]); !slices.Equal(got, want) {
				t.Errorf("batch %d: %q, want %q", k, got, want)
			}
		}
	}
}

// A shuffled batch may hold all of the longest strings.
func TestShuffledStringsHaveRoom(t *testing.T) {
	all := someWords(50)
	for seed := range uint64(20) {
		f := feederOf(t, setOf(50, words("x", nil, all...)), stringGraph(), Options{Batch: 7, Shuffle: true, Seed: seed})
		var got []string
		f.Start(0)
		for b := must(f.Next()); b != nil; b = must(f.Next()) {
			got = append(got, read(b.Slots[0])...)
		}
		if slices.Equal(got, all) {
			t.Errorf("seed %d: nothing is shuffled", seed)
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(all)); !slices.Equal(got, want) {
			t.Errorf("seed %d: %q", seed, got)
		}
	}
}

func TestSequencesOfStringsArePadded(t *testing.T) {
	long := strings.Repeat("long", 9)
	c := ragged(words("x", nil, "a", long, "b", "c", "d", long), 0, 2, 3, 6)
	for name, length := range map[string]int64{"free": 0, "fixed": 4} {
		f := feederOf(t, setOf(3, c), stringGraph(length), Options{Batch: 2})
		want := [][]string{{"a", long, "b", ""}, {"c", "d", long}}
		if length == 4 {
			want = [][]string{{"a", long, "", "", "b", "", "", ""}, {"c", "d", long, ""}}
		}
		f.Start(0)
		for k := range want {
			if got := read(must(f.Next()).Slots[0]); !slices.Equal(got, want[k]) {
				t.Errorf("%s, batch %d: %q, want %q", name, k, got, want[k])
			}
		}
		if got := read(must(f.Prepare(Shape{Examples: 2, Lengths: []int{1}})).Slots[0]); length == 0 && !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("%s, cut to one: %q", name, got)
		}
	}
}
