package measure

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// longestName is how long a machine's name may be, in characters: it stands in tables.
const longestName = 64

// CheckMachineName returns an ErrOptions for a text that cannot be Options.MachineName: it
// is one line of at most 64 characters, without space around it.
func CheckMachineName(name string) error {
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case strings.TrimSpace(name) != name:
		return kindError{fmt.Errorf("the machine name %q begins or ends with a space: leave that out", name), ErrOptions}
	case !utf8.ValidString(name) || strings.ContainsFunc(name, bad):
		return kindError{fmt.Errorf("the machine name %q has characters that cannot be seen: leave them out", name), ErrOptions}
	case utf8.RuneCountInString(name) > longestName:
		return kindError{fmt.Errorf("the machine name %.20q… has %d characters: use at most %d", name, utf8.RuneCountInString(name), longestName), ErrOptions}
	}
	return nil
}

// thisMachine is read once: that takes some milliseconds between two launches.
var thisMachine = sync.OnceValue(machine.Fingerprint)

// machineOf returns the machine of a worker, which may leave it to its parent.
func machineOf(h *protocol.Hello) record.Machine {
	if h.Machine.Cores == 0 {
		return thisMachine()
	}
	return h.Machine
}

// machine returns the index of a machine in the record, and adds a new one.
func (s *Session) machine(found record.Machine) int {
	found.Name = s.machineName(found)
	// Record.Same ignores the kernel, which a restart can change.
	same := func(have record.Machine) bool { return have.Same(found) && have.Kernel == found.Kernel }
	if i := slices.IndexFunc(s.rec.Machines, same); i >= 0 {
		return i
	}
	found.Price = s.price(found)
	s.rec.Machines = append(s.rec.Machines, found)
	return len(s.rec.Machines) - 1
}

// price returns what a new machine of the record costs, nil where that is not known. One
// that was started anew costs what it did.
func (s *Session) price(found record.Machine) *record.Price {
	if i := slices.IndexFunc(s.rec.Machines, found.Same); i >= 0 {
		return s.rec.Machines[i].Price
	}
	if s.o.Price == nil {
		return nil
	}
	return s.o.Price(found)
}

// machineName returns the name of a machine of the session: the one it has in the record,
// or else the one that Options give. That is the first machine's: no two have one name.
func (s *Session) machineName(found record.Machine) string {
	if i := slices.IndexFunc(s.rec.Machines, found.Same); i >= 0 {
		return s.rec.Machines[i].Name
	}
	if len(s.rec.Machines) > 0 {
		return ""
	}
	return s.o.MachineName
}
