package trace

import (
	"cmp"
	"slices"
)

// Device sums up a step on one device. Times are in seconds.
type Device struct {
	Name       string  `json:"device"`
	Operations int     `json:"operations"`
	Wall       float64 `json:"wall_s"`    // from the start of the first operation to the end of the last
	Busy       float64 `json:"busy_s"`    // sum of its operations' times, which may overlap
	Waiting    float64 `json:"waiting_s"` // of operations that wait for another device; not in Busy
	Idle       float64 `json:"idle_s"`    // of Wall, in which no operation ran
	Ops        []Op    `json:"ops"`       // longest first
}

// Op sums up the operations of one type on one device.
type Op struct {
	Op      string  `json:"op"`
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"`
	Share   float64 `json:"share"` // of Busy, from 0 to 1
	Call    bool    `json:"call"`  // it runs other operations, or a program of XLA; Seconds excludes the time of others in the trace
	Largest Node    `json:"largest"`
}

// Node sums up one operation of the graph, which runs more than once in a loop.
type Node struct {
	Name    string  `json:"node"`
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"`
}

// waits are types of operations that wait for another device.
var waits = []string{"_Recv", "_HostRecv", "RecvTensor", "cuStreamSynchronize"}

// calls are types of operations that run other operations, or a program of XLA.
var calls = []string{
	"PartitionedCall", "StatefulPartitionedCall", "RemoteCall", "SymbolicGradient",
	"While", "StatelessWhile", "_While", "If", "StatelessIf", "_If", "Case", "StatelessCase",
}

// Summarize sums up the spans of each device. The busiest device is first.
func Summarize(all []Span) []Device {
	sorted := slices.Clone(all)
	Sort(sorted)
	var out []Device
	for len(sorted) > 0 {
		name := sorted[0].Device
		n := slices.IndexFunc(sorted, func(s Span) bool { return s.Device != name })
		if n < 0 {
			n = len(sorted)
		}
		out = append(out, device(name, sorted[:n]))
		sorted = sorted[n:]
	}
	slices.SortStableFunc(out, func(a, b Device) int { return cmp.Compare(b.Busy, a.Busy) })
	return out
}

// device sums up the sorted spans of one device, in integer nanoseconds.
func device(name string, spans []Span) Device {
	type key struct{ op, node string }
	ops, nodes := map[string]*sum{}, map[key]*sum{}
	var busy, waiting, idle int64
	end := spans[0].Start // of all operations until now
	ran := end            // until when any has computed
	for i, own := range ownTimes(spans) {
		s := spans[i]
		end = max(end, s.End())
		if computes := !slices.Contains(waits, s.Op) && (own == s.Duration || !slices.Contains(calls, s.Op)); computes {
			idle += max(0, s.Start-ran)
			ran = max(ran, s.End())
		}
		if slices.Contains(waits, s.Op) {
			waiting += s.Duration
			continue
		}
		busy += own
		add(ops, s.Op, own)
		add(nodes, key{s.Op, s.Node}, own)
	}
	largest := map[string]Node{}
	for k, n := range nodes {
		one := Node{Name: k.node, Count: n.count, Seconds: seconds(n.nanos)}
		have := largest[k.op]
		if have.Count == 0 || cmp.Or(cmp.Compare(one.Seconds, have.Seconds), cmp.Compare(have.Name, one.Name)) > 0 {
			largest[k.op] = one
		}
	}
	d := Device{
		Name: name, Operations: len(spans),
		Wall: seconds(end - spans[0].Start), Busy: seconds(busy), Waiting: seconds(waiting), Idle: seconds(idle + end - ran), Ops: []Op{},
	}
	for op, s := range ops {
		o := Op{Op: op, Count: s.count, Seconds: seconds(s.nanos), Call: slices.Contains(calls, op), Largest: largest[op]}
		if busy > 0 {
			o.Share = float64(s.nanos) / float64(busy)
		}
		d.Ops = append(d.Ops, o)
	}
	slices.SortFunc(d.Ops, func(a, b Op) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.Op, b.Op))
	})
	return d
}

// sum adds up operations.
type sum struct {
	count int
	nanos int64
}

func add[K comparable](to map[K]*sum, key K, nanos int64) {
	if to[key] == nil {
		to[key] = &sum{}
	}
	to[key].count++
	to[key].nanos += nanos
}

func seconds(nanos int64) float64 { return float64(nanos) / 1e9 }

// ownTimes returns how long each span of one device ran, in nanoseconds. The time of
// a call excludes that of other operations, which it may have called.
func ownTimes(spans []Span) []int64 {
	own := make([]int64, len(spans))
	var edges []edge
	called := false
	for i, s := range spans {
		if slices.Contains(waits, s.Op) {
			continue
		}
		call := slices.Contains(calls, s.Op)
		called = called || call
		if !call {
			own[i] = s.Duration
		}
		edges = append(edges, edge{s.Start, i, call, true}, edge{s.End(), i, call, false})
	}
	if called {
		shareOut(edges, own)
	}
	return own
}

// edge is the begin or end of a span.
type edge struct {
	at    int64
	span  int
	call  bool
	begin bool
}

// shareOut adds the time in which only calls run to the call that began last.
func shareOut(edges []edge, own []int64) {
	slices.SortStableFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	others := 0     // that run
	var open []int  // calls that run, in the order of their begins
	var since int64 // time of the last edge
	for _, e := range edges {
		if others == 0 && len(open) > 0 {
			own[open[len(open)-1]] += e.at - since
		}
		since = e.at
		switch {
		case e.call && e.begin:
			open = append(open, e.span)
		case e.call:
			if i := slices.Index(open, e.span); i >= 0 {
				open = slices.Delete(open, i, i+1)
			}
		case e.begin:
			others++
		default:
			others--
		}
	}
}
