package tfsession

import (
	"strings"

	statspb "github.com/galeone/tensorflow/tensorflow/go/core/framework/step_stats_go_proto"

	"epochtime/harness/record"
)

// peaks returns what the allocator of each accelerator held at most during a traced
// step, in the order of the devices.
//
// TensorFlow tells for each operation what the allocator held as it ended, what of the
// operation's own memory was left then, and how much that was at most: what was held at
// its height is the first, less the second, and the third.
func peaks(stats *statspb.StepStats) []record.DeviceMemory {
	var out []record.DeviceMemory
	for _, d := range stats.GetDevStats() {
		name := deviceName(d.Device)
		if strings.Contains(name, "/") || strings.HasPrefix(name, "CPU:") { // kernels and copies allocate nothing
			continue
		}
		var peak int64
		for _, n := range d.NodeStats {
			for _, m := range n.Memory {
				if !onHost(m.AllocatorName) && m.AllocatorBytesInUse > 0 {
					peak = max(peak, m.AllocatorBytesInUse, m.AllocatorBytesInUse-m.LiveBytes+m.PeakBytes)
				}
			}
		}
		if peak > 0 {
			out = append(out, record.DeviceMemory{Device: name, Peak: uint64(peak)})
		}
	}
	return out
}

// onHost reports whether an allocator is of the host's memory, such as what a GPU copies
// from.
func onHost(allocator string) bool {
	name := strings.ToLower(allocator)
	return strings.Contains(name, "host") || strings.Contains(name, "cpu")
}
