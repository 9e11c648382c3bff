package trace

import (
	"cmp"
	"slices"
	"strings"
)

// Placement says on which devices a step ran.
type Placement struct {
	Devices map[string]int `json:"devices"`        // how many operations each ran, such as CPU:0
	Host    []HostOp       `json:"host,omitempty"` // what a host computed, longest first, MostHost at most
	More    int            `json:"more,omitempty"` // how many more there are
}

// HostOp is an operation of the graph that ran on a host, which runs more than once in a
// loop.
type HostOp struct {
	Op   string `json:"op"`
	Node string `json:"node"`
}

// MostHost is how many operations of a host a Placement names.
const MostHost = 5

// ofHost are types of operations that a host runs beside any device: none of them
// computes values of the model.
var ofHost = []string{
	// how a step begins and ends, and goes from device to device
	"_Arg", "_Retval", "_DeviceArg", "_DeviceRetval", "_Send", "_HostSend", "Placeholder", "NoOp", "IteratorGetNext",
	// what is made once, or names a resource
	"Const", "VarHandleOp", "IteratorV2", "HashTableV2",
	// what hands on its input where that lies, and counts loops
	"Identity", "IdentityN", "Switch", "_SwitchN", "RefSwitch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond",
	// what looks at values and shapes
	"Assert", "BroadcastGradientArgs",
	// what writes a variable where it lies: counters and seeds lie on the host, and of a larger one what makes its
	// values is named
	"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp",
}

// ofShapes is the size, in bytes, of outputs that are no larger than a shape of eight
// dimensions. TensorFlow keeps what computes shapes, counters and seeds on the host.
const ofShapes = 64

// Placed says on which devices the spans of a step ran, and names what a host computed: not
// what it runs by design (ofHost, calls, and shapes). Lines of a GPU's streams repeat its
// operations, and are left out.
func Placed(spans []Span) Placement {
	p := Placement{Devices: map[string]int{}}
	took := map[HostOp]int64{}
	for _, s := range spans {
		if strings.Contains(s.Device, "/") {
			continue
		}
		p.Devices[s.Device]++
		if strings.HasPrefix(s.Device, "CPU:") && computes(s) {
			took[HostOp{s.Op, s.Node}] += s.Duration
		}
	}
	for op := range took {
		p.Host = append(p.Host, op)
	}
	slices.SortFunc(p.Host, func(a, b HostOp) int {
		return cmp.Or(cmp.Compare(took[b], took[a]), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Op, b.Op))
	})
	if more := len(p.Host) - MostHost; more > 0 {
		p.Host, p.More = p.Host[:MostHost:MostHost], more
	}
	return p
}

// computes reports whether an operation makes values that a device could.
func computes(s Span) bool {
	if s.Bytes > 0 && s.Bytes <= ofShapes {
		return false
	}
	return !slices.Contains(ofHost, s.Op) && !slices.Contains(calls, s.Op) && !slices.Contains(waits, s.Op)
}
