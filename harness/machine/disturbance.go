package machine

import (
	"os"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/process"

	"epochtime/harness/record"
)

// Counters is a reading of what disturbs this process.
type Counters struct {
	steal    float64 // seconds, all cores, since boot
	switches int64   // involuntary, of this process
}

// Count reads the counters now. One that the system lacks stays 0.
func Count() Counters {
	var c Counters
	if t, err := cpu.Times(false); err == nil && len(t) > 0 {
		c.steal = t[0].Steal
	}
	c.switches = involuntarySwitches()
	return c
}

// Since is what was added to the counters since an earlier reading.
func (c Counters) Since(before Counters) record.Disturbance {
	return record.Disturbance{Steal: max(0, c.steal-before.steal), InvoluntarySwitches: c.switches - before.switches}
}

// PeakMemory is the largest resident size this process has had, in bytes. The
// kernel's VmHWM, because getrusage's figure includes the parent's before exec.
func PeakMemory() record.Memory {
	p, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		return record.Memory{}
	}
	info, err := p.MemoryInfo()
	if err != nil {
		return record.Memory{}
	}
	return record.Memory{PeakRSS: max(info.HWM, info.RSS)}
}
