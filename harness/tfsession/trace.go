package tfsession

import (
	"cmp"
	"fmt"
	"strings"

	statspb "github.com/galeone/tensorflow/tensorflow/go/core/framework/step_stats_go_proto"
	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"
	"google.golang.org/protobuf/proto"

	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// RunTraced trains one batch, as Run does, and returns the operations that ran, and the
// peak of each accelerator's memory. It takes up to nine times as long as Run: never
// time it.
func (s *Step) RunTraced() ([]trace.Span, []record.DeviceMemory, error) {
	if s == nil {
		return nil, nil, ErrClosed
	}
	options, err := proto.Marshal(&corepb.RunOptions{TraceLevel: corepb.RunOptions_FULL_TRACE})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrStep, err)
	}
	if err := s.enter(); err != nil {
		return nil, nil, err
	}
	defer s.leave()
	if err := s.feed(); err != nil {
		return nil, nil, err
	}
	text, err := s.call.runWith(options)
	if err != nil {
		return nil, nil, err
	}
	metadata := &corepb.RunMetadata{}
	if err := proto.Unmarshal(text, metadata); err != nil {
		return nil, nil, fmt.Errorf("%w: reading its trace: %w", ErrStep, err)
	}
	out := spans(metadata.GetStepStats())
	if len(out) == 0 {
		return nil, nil, fmt.Errorf("%w: TensorFlow traced no operation of it (the single-threaded executor never does)", ErrStep)
	}
	return out, peaks(metadata.GetStepStats()), nil
}

// spans are the operations of a step, from the start of the first one on.
func spans(stats *statspb.StepStats) []trace.Span {
	var out []trace.Span
	for _, d := range stats.GetDevStats() {
		if repeated(d.Device) {
			continue
		}
		for _, n := range d.NodeStats {
			out = append(out, span(deviceName(d.Device), n))
		}
	}
	if len(out) == 0 {
		return nil
	}
	first := out[0].Start
	for _, s := range out {
		first = min(first, s.Start)
	}
	for i := range out {
		out[i].Start -= first
	}
	trace.Sort(out)
	return out
}

// repeated reports whether a device's operations also come under another name: a
// GPU's kernels under stream:all, its copies under memcpy.
func repeated(device string) bool {
	_, stream, ok := strings.Cut(device, "/stream:")
	return ok && stream != "all" && stream != ""
}

// deviceName is a device without the task, as CPU:0 or GPU:0/stream:all.
func deviceName(name string) string {
	if _, short, ok := strings.Cut(name, "device:"); ok {
		return short
	}
	return name
}

// longestName keeps one operation's name from filling a message.
const longestName = 1000

func span(device string, n *statspb.NodeExecStats) trace.Span {
	// A GPU's own records are in microseconds alone.
	start := cmp.Or(n.AllStartNanos, n.AllStartMicros*1e3)
	duration := n.AllEndRelNanos
	if n.AllStartNanos == 0 {
		duration = n.AllEndRelMicros * 1e3
	}
	node, op := names(n)
	s := trace.Span{Device: device, Op: snip(op), Node: snip(node), Start: start, Duration: max(duration, 0)}
	for _, o := range n.Output {
		s.Bytes += max(o.GetTensorDescription().GetAllocationDescription().GetRequestedBytes(), 0)
	}
	return s
}

// names is an operation's name and type. The host labels it "name = Type(inputs)",
// sometimes with memory in front; a GPU's kernels are named "name:Type".
func names(n *statspb.NodeExecStats) (node, op string) {
	if _, call, ok := strings.Cut(n.TimelineLabel, " = "); ok {
		op, _, _ = strings.Cut(call, "(")
		return n.NodeName, op
	}
	if node, op, ok := strings.Cut(n.NodeName, ":"); ok && node != "" && op != "" && !strings.HasPrefix(op, ":") {
		return node, op
	}
	return n.NodeName, n.NodeName
}

func snip(name string) string {
	if len(name) > longestName {
		name = name[:longestName] + "…"
	}
	return strings.ToValidUTF8(name, "�")
}
