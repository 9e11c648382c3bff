package machine

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/host"

	"epochtime/harness/record"
)

// purpose keeps the id from being that of another program: machine-id(5) asks programs
// not to show the machine's own id, but a keyed hash of it.
const purpose = "epochtime machine 1"

var machineID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// id returns the id of a machine: a hash of the system's own id, keyed as machine-id(5)
// asks, with the hardware's type and the host name, which tells apart machines that were
// cloned with their id. It holds no serial number. It is empty where nothing identifies
// the machine: in a container, the id is the image's, unless the host's is mounted there,
// and the host name is drawn anew.
func (s system) id(m record.Machine) string {
	words := []string{purpose, m.Arch, m.CPU, strconv.Itoa(m.Sockets), m.Product}
	switch boxed := m.Container != "" && !slices.Contains(systems, m.Container); {
	case !boxed:
		words = append(words, m.Hostname)
	case !s.holdsHostID():
		return ""
	}
	own := s.ownID()
	if own == "" {
		return ""
	}
	h := hmac.New(sha256.New, []byte(own))
	for _, w := range words {
		fmt.Fprintf(h, "%d:%s", len(w), w)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// ownID returns the id that the system gave the machine; empty where it has none.
func (s system) ownID() string {
	if s.root == "/" && runtime.GOOS != "linux" {
		id, err := host.HostID()
		if err != nil {
			return ""
		}
		return id
	}
	own := cmp.Or(s.text("etc/machine-id"), s.text("var/lib/dbus/machine-id"))
	if !machineID.MatchString(own) || strings.Trim(own, "0") == "" {
		return ""
	}
	return own
}

// holdsHostID reports whether a container has the machine's id mounted into it.
func (s system) holdsHostID() bool {
	_, ok := s.mount("/etc/machine-id")
	return ok
}
