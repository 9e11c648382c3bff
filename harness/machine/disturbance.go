package machine

import (
	"os"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/process"

	"epochtime/harness/record"
)

// Counters are counters of what disturbs this process, read at one time.
type Counters struct {
	steal    float64 // seconds since boot, over all cores
	switches int64   // involuntary, of this process
}

// Count reads the counters. One that the system lacks is 0.
func Count() Counters {
	var c Counters
	if t, err := cpu.Times(false); err == nil && len(t) > 0 {
		c.steal = t[0].Steal
	}
	c.switches = involuntarySwitches()
	return c
}

// Since returns by how much the counters grew since an earlier reading.
func (c Counters) Since(before Counters) record.Disturbance {
	return record.Disturbance{Steal: max(0, c.steal-before.steal), InvoluntarySwitches: c.switches - before.switches}
}

// PeakMemory returns the largest resident size that this process has had, in bytes.
// It is the kernel's VmHWM: getrusage includes the size of the parent before exec.
func PeakMemory() record.Memory {
	info := memory()
	out := record.Memory{PeakRSS: max(info.HWM, info.RSS)}
	if own, known := ownResident(); known && info.RSS > own {
		out.Mapped = info.RSS - own
	}
	return out
}

// Resident returns the resident size of this process, in bytes; 0 where the system does
// not tell.
func Resident() uint64 { return memory().RSS }

func memory() process.MemoryInfoStat {
	p, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		return process.MemoryInfoStat{}
	}
	info, err := p.MemoryInfo()
	if err != nil {
		return process.MemoryInfoStat{}
	}
	return *info
}
