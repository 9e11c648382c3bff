package compare

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/record"
)

// differences names what two records were measured with differently: machine,
// system, TensorFlow, devices, epochtime.
func differences(base, new *record.Record) []string {
	var out []string
	bases, news := surroundings(base), surroundings(new)
	for _, name := range order {
		if a, b := bases[name], news[name]; a != b {
			out = append(out, fmt.Sprintf("different %s: %s against %s", name, a, b))
		}
	}
	for _, r := range []*record.Record{base, new} {
		if r.Status != record.Complete {
			out = append(out, fmt.Sprintf("the record of %s is not complete", r.Started.Format("2 January 2006 15:04")))
		}
	}
	return out
}

// twoMachines reports whether two records are of machines that are known to differ, so
// that no session can hold both.
func twoMachines(base, new *record.Record) bool {
	return len(base.Machines) > 0 && len(new.Machines) > 0 && !base.Machines[0].Same(new.Machines[0])
}

// order is the order in which differences are named.
var order = []string{"machine", "CPU", "cores", "memory", "memory limit", "CPU limit", "kernel", "governor", "virtualization", "TensorFlow", "devices", "driver", "epochtime"}

// surroundings are what a record was measured with; several values are joined.
func surroundings(r *record.Record) map[string]string {
	found := map[string]map[string]bool{}
	add := func(name, value string) {
		if found[name] == nil {
			found[name] = map[string]bool{}
		}
		found[name][value] = true
	}
	add("epochtime", r.Epochtime)
	for _, m := range r.Machines {
		add("machine", m.Title())
		add("CPU", m.CPU)
		add("cores", strconv.Itoa(m.Cores))
		add("memory", fmt.Sprintf("%d MiB", m.MemoryBytes>>20))
		add("memory limit", fmt.Sprintf("%d MiB", m.MemoryLimit>>20))
		add("CPU limit", fmt.Sprintf("%g cores", m.CPULimit))
		add("kernel", m.Kernel)
		add("governor", m.Governor)
		add("virtualization", m.Virtualization)
		add("driver", m.Driver)
	}
	for i := range r.Runs {
		for j := range r.Runs[i].Launches {
			l := &r.Runs[i].Launches[j]
			if l.Status != record.OK {
				continue
			}
			add("TensorFlow", l.TensorFlow)
			for _, d := range l.Devices {
				add("devices", d.Type)
			}
		}
	}
	out := map[string]string{}
	for name, values := range found {
		out[name] = strings.Join(slices.Sorted(maps.Keys(values)), " and ")
	}
	for _, name := range order {
		if out[name] == "" {
			out[name] = "not known"
		}
	}
	return out
}
