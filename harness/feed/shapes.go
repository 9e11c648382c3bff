package feed

import (
	"encoding/binary"
	"slices"
)

// Shape is a shape that a batch may have: the number of its examples and, for
// each column of sequences, the length they are padded to (0 for others).
type Shape struct {
	Examples int
	Lengths  []int
}

// Shapes returns every distinct shape that the batches of an epoch have or,
// where the order is drawn anew for each epoch, may have.
func (f *Feeder) Shapes() []Shape {
	if f == nil {
		return nil
	}
	return f.shapes
}

// distinct finds the shapes: it walks every sequence, so it is done once.
func (f *Feeder) distinct() []Shape {
	seen := make(map[string]bool)
	var out []Shape
	add := func(s Shape) {
		key := binary.AppendVarint(nil, int64(s.Examples))
		for _, n := range s.Lengths {
			key = binary.AppendVarint(key, int64(n))
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			out = append(out, s)
		}
	}
	if f.options.Shuffle {
		f.possible(f.options.Batch, add)
		first, last := f.bounds(f.Steps() - 1)
		f.possible(last-first, add)
		return out
	}
	for k := range f.Steps() {
		first, last := f.bounds(k)
		lengths := make([]int, len(f.columns))
		for i, c := range f.columns {
			lengths[i] = c.longest(nil, first, last)
		}
		add(Shape{last - first, lengths})
	}
	return out
}

// FirstShapes are the shapes that are worth a step before the first epoch. A
// graph compiled for each shape needs them all. Another gains nothing by them
// beyond its memory, so where a shuffled epoch may have any of many lengths, the
// longest stands for all.
func (f *Feeder) FirstShapes(compiled bool) []Shape {
	all := f.Shapes()
	if all == nil || compiled || !f.options.Shuffle {
		return all
	}
	var out []Shape
	for i, s := range all { // the lengths of one number of examples rise
		if i+1 == len(all) || all[i+1].Examples != s.Examples {
			out = append(out, s)
		}
	}
	return out
}

// possible adds the shapes that n examples in any order may take: columns of
// sequences go from their shortest padded length to the longest together.
func (f *Feeder) possible(n int, add func(Shape)) {
	most := 1
	for _, c := range f.columns {
		most = max(most, len(c.lengths))
	}
	for k := range most {
		lengths := make([]int, len(f.columns))
		for i, c := range f.columns {
			if all := c.lengths; len(all) > 0 {
				lengths[i] = all[min(k, len(all)-1)]
			}
		}
		add(Shape{n, lengths})
	}
}

// Varies reports whether batches of one size differ in the length they are padded to.
func (f *Feeder) Varies() bool {
	lengths := make(map[int][]int)
	for _, s := range f.Shapes() {
		if have, ok := lengths[s.Examples]; ok && !slices.Equal(have, s.Lengths) {
			return true
		}
		lengths[s.Examples] = s.Lengths
	}
	return false
}

// Longest is the largest length that sequences are padded to; 0 without any.
func (f *Feeder) Longest() int {
	longest := 0
	for _, s := range f.Shapes() {
		for _, n := range s.Lengths {
			longest = max(longest, n)
		}
	}
	return longest
}
