package stats

import (
	"fmt"
	"math"

	"epochtime/harness/record"
)

// What makes a warning of growing memory. Allocators take memory in steps, and keep
// it, so growth counts only where it goes on: in nearly every epoch, in the second
// half of the epochs too, and in most launches.
const (
	growthFrom  = 4        // measured epochs
	growthRises = 0.9      // of the epochs, higher than the epoch before
	growthGoes  = 0.25     // of the growth, in the second half of the epochs
	growthShare = 0.05     // of the memory after the first measured epoch
	growthBytes = 16 << 20 // in all
	mebibyte    = 1 << 20  // the unit of the warning
)

// growth warns of resident memory that grows from epoch to epoch in most of the
// launches that tell it.
func growth(run *record.Run) []string {
	var each, from, to []float64
	told := 0
	for _, l := range run.Launches {
		memory := residents(l)
		if len(memory) < growthFrom {
			continue
		}
		told++
		if first, last := memory[0], memory[len(memory)-1]; grows(memory) {
			each = append(each, (last-first)/float64(len(memory)-1))
			from, to = append(from, first), append(to, last)
		}
	}
	if 2*len(each) <= told {
		return nil
	}
	return []string{fmt.Sprintf("memory grows by %.3g MiB with every epoch, from %.0f to %.0f MiB: a longer training may run out of it",
		middle(each)/mebibyte, middle(from)/mebibyte, middle(to)/mebibyte)}
}

// residents is the memory after each measured epoch of an ok launch, in bytes; nil
// where an epoch does not tell it.
func residents(l record.Launch) []float64 {
	if l.Status != record.OK {
		return nil
	}
	var out []float64
	for _, e := range Measured(l) {
		if e.RSS == 0 {
			return nil
		}
		out = append(out, float64(e.RSS))
	}
	return out
}

func grows(memory []float64) bool {
	first, half, last := memory[0], memory[len(memory)/2], memory[len(memory)-1]
	rises := 0
	for i := range memory[1:] {
		if memory[i+1] > memory[i] {
			rises++
		}
	}
	return last-first > math.Max(growthBytes, growthShare*first) &&
		last-half >= growthGoes*(last-first) &&
		rises >= int(math.Ceil(growthRises*float64(len(memory)-1)))
}
