package trace

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Main returns the device whose operations take a step's time: the kernels of a GPU where
// some were traced, else the busiest. It reports false where nothing took time.
func Main(devices []Device) (Device, bool) {
	if len(devices) == 0 {
		return Device{}, false
	}
	i := slices.IndexFunc(devices, func(d Device) bool { return strings.HasSuffix(d.Name, "/stream:all") })
	d := devices[max(i, 0)]
	return d, d.Busy > 0
}

// Difference is what operations of one type take in two steps. A step without them has
// the zero value.
type Difference struct {
	Op   string
	A, B Op
}

// Seconds returns by how much longer the operations take in B.
func (d Difference) Seconds() float64 { return d.B.Seconds - d.A.Seconds }

// Differences returns what each type of operation takes on two devices, the largest
// difference of time first.
func Differences(a, b Device) []Difference {
	at := map[string]int{}
	var out []Difference
	of := func(name string) *Difference {
		if _, known := at[name]; !known {
			at[name] = len(out)
			out = append(out, Difference{Op: name})
		}
		return &out[at[name]]
	}
	for _, o := range a.Ops {
		of(o.Op).A = o
	}
	for _, o := range b.Ops {
		of(o.Op).B = o
	}
	slices.SortStableFunc(out, func(x, y Difference) int {
		return cmp.Or(cmp.Compare(math.Abs(y.Seconds()), math.Abs(x.Seconds())), cmp.Compare(x.Op, y.Op))
	})
	return out
}
