package explain

import (
	"cmp"
	"math"
	"slices"

	"epochtime/harness/record"
)

// moved returns by how much longer each line of b is than that of a, and the whole.
func moved(a, b *ledger) []record.Line {
	wholeA, wholeB := values(a.full, wholeEpoch), values(b.full, wholeEpoch)
	median := medianOf(wholeA).Median
	before, after := a.parts(wholeA), b.parts(wholeB)
	var out []record.Line
	add := func(p record.Part, difference blocks) {
		if difference = both(difference, wholeA); len(difference) == 0 {
			out = append(out, record.Line{Part: p, Seconds: none(), Missing: "a side is not known"})
			return
		}
		out = append(out, lineOf(p, difference, wholeA, median))
	}
	for _, p := range order {
		was, there := before[p]
		is, still := after[p]
		if there && still {
			add(p, minus(is, was))
		}
	}
	add(record.PartUnexplained, minus(rest(after, wholeB), rest(before, wholeA)))
	add(record.PartWhole, minus(wholeB, wholeA))
	return out
}

// Longer returns the lines of a bill that are longer than in side A, beyond what noise
// explains: their whole intervals are above 0. The longest is first.
func Longer(b record.Bill) []record.Line {
	return beyond(b, func(l record.Line) bool { return l.Seconds.Low > 0 })
}

// Shorter returns the lines that are shorter likewise.
func Shorter(b record.Bill) []record.Line {
	return beyond(b, func(l record.Line) bool { return l.Seconds.High < 0 })
}

func beyond(b record.Bill, told func(record.Line) bool) []record.Line {
	var out []record.Line
	for _, line := range b.Moved {
		if line.Part != record.PartWhole && line.Missing == "" && line.Seconds.Known() && told(line) {
			out = append(out, line)
		}
	}
	slices.SortFunc(out, func(x, y record.Line) int { return cmp.Compare(math.Abs(y.Share), math.Abs(x.Share)) })
	return out
}
