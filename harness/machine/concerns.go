package machine

import (
	"github.com/shirou/gopsutil/v4/load"

	"epochtime/harness/record"
)

// Load returns the average number of runnable threads over the last minute, and
// false where that is not known.
func Load() (float64, bool) {
	l, err := load.Avg()
	if err != nil {
		return 0, false
	}
	return l.Load1, true
}

// Concerns returns sentences about what would disturb a measurement now. load is that
// of Load, and 0 where it is not known.
func Concerns(m record.Machine, load float64) []string {
	var out []string
	add := func(yes bool, text string) {
		if yes {
			out = append(out, text)
		}
	}
	add(load > 0.3*float64(m.Cores), "other work is running: stop it, or measure at a quieter time")
	add(m.Governor != "" && m.Governor != "performance",
		"the CPU governor is "+m.Governor+": clock speed follows load; 'cpupower frequency-set -g performance' fixes it")
	add(m.Virtualization != "", "this is a virtual machine ("+m.Virtualization+"): neighbours take CPU time, watch steal_s in the record")
	add(m.CPULimit > 0 && m.CPULimit < float64(m.Cores), "the control group limits the CPU: steps are throttled when the quota is used up")
	add(m.Cores < 4, "with fewer than four cores, every other process shares a core with the measurement")
	return out
}
