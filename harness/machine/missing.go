package machine

import (
	"strings"

	"epochtime/harness/record"
)

// Missing returns sentences that say what of a machine is not readable there, and why:
// one for each reason.
func Missing(m record.Machine) []string {
	var reasons, out []string
	whats := map[string][]string{}
	add := func(empty bool, what, why string) {
		if !empty {
			return
		}
		if whats[why] == nil {
			reasons = append(reasons, why)
		}
		whats[why] = append(whats[why], what)
	}
	hidden, clock, modules := causes(m)
	add(m.CPU == "", "CPU", hidden)
	add(m.Sockets == 0, "sockets", hidden)
	add(m.PhysicalCores == 0, "physical cores", hidden)
	add(m.LogicalCores == 0, "cores of the whole machine", hidden)
	add(m.NUMANodes == 0, "NUMA nodes", hidden)
	add(len(m.Caches) == 0, "caches", hidden)
	add(m.MemoryBytes == 0, "memory", hidden)
	add(m.MemoryType == "" || m.MemorySpeed == 0, "type and speed of the memory", modules)
	add(m.Governor == "", "governor", clock)
	add(m.Boost == "", "boost", clock)
	add(m.SMT == "", "SMT", hidden)
	add(m.Product == "", "maker and model", hidden)
	why, cloud := silent[m.Product]
	add(cloud, "instance type", why)
	add(m.ID == "", "id of the machine", noID(m))
	for _, why := range reasons {
		out = append(out, strings.Join(whats[why], ", ")+": not readable here ("+why+")")
	}
	return out
}

// silent are the clouds that write no instance type to the firmware's strings.
var silent = map[string]string{
	"Google Compute Engine": "Google writes it to no file",
	"Azure Virtual Machine": "Azure writes it to no file",
	"AWS (Xen)":             "instances on Xen have it in no file",
}

// causes says why the machine's parts, its clock and its memory modules are not
// readable.
func causes(m record.Machine) (hidden, clock, modules string) {
	switch {
	case m.Container != "":
		hidden = "the container hides it: " + m.Container
		return hidden, hidden, hidden
	case m.Virtualization != "":
		hidden = "the hypervisor does not tell"
		return hidden, "the hypervisor sets the clock", hidden
	}
	return "the system does not tell", "the kernel has no driver of the clock", "the firmware's tables are root's, and udev has not kept them"
}

func noID(m record.Machine) string {
	if m.Container != "" {
		return "a container has the id of its image: mount the host's /etc/machine-id there"
	}
	return "there is no valid /etc/machine-id: systemd-machine-id-setup makes one"
}
