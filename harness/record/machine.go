package record

import (
	"slices"
	"strconv"
)

// Identity returns what identifies a machine: host name, architecture, CPU, the
// cores that a process may use, and the limit of its control group on them. The
// system, its kernel and the memory may change on the same machine.
func (m Machine) Identity() []string {
	return []string{m.Hostname, m.Arch, m.CPU, strconv.Itoa(m.Cores), strconv.FormatFloat(m.CPULimit, 'g', -1, 64)}
}

// Same reports whether two fingerprints are of the same machine: whether their
// identities are equal.
func (m Machine) Same(other Machine) bool { return slices.Equal(m.Identity(), other.Identity()) }
