package trace

import (
	"cmp"
	"slices"
	"strings"
)

// Copies is what a step copied from the host to one device.
type Copies struct {
	Device  string // such as GPU:0
	Count   int
	Seconds float64 // sum of the copies' times
	Step    float64 // seconds from the first operation of any line of the device to the end of the last, at least
}

// Share returns the copies' share of the step, 0 of a step of no length.
func (c Copies) Share() float64 {
	if c.Step <= 0 {
		return 0
	}
	return c.Seconds / c.Step
}

// copyLine is the line on which TensorFlow traces a device's copies.
const copyLine = "/memcpy"

// FromHost returns the copies from the host to each device for which some were traced,
// in the order of their names.
func FromHost(devices []Device) []Copies {
	var out []Copies
	for _, d := range devices {
		name, copying := strings.CutSuffix(d.Name, copyLine)
		if !copying {
			continue
		}
		c := Copies{Device: name}
		for _, o := range d.Ops {
			if fromHost(o.Op) {
				c.Count, c.Seconds = c.Count+o.Count, c.Seconds+o.Seconds
			}
		}
		for _, line := range devices {
			if line.Name == name || strings.HasPrefix(line.Name, name+"/") {
				c.Step = max(c.Step, line.Wall)
			}
		}
		if c.Count > 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Copies) int { return cmp.Compare(a.Device, b.Device) })
	return out
}

// fromHost reports whether a copy is one from the host: MemcpyH2D, or MEMCPYHtoD of
// older versions of TensorFlow.
func fromHost(op string) bool {
	op = strings.ToLower(op)
	return strings.HasPrefix(op, "memcpy") && (strings.Contains(op, "h2d") || strings.Contains(op, "htod"))
}
