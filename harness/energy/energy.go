// Package energy reads the energy counters of the CPU, which Linux offers through
// powercap (Documentation/power/powercap in the kernel's sources). Intel calls them
// RAPL, and AMD's CPUs have them under the same name.
package energy

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"epochtime/harness/record"
)

// ErrNone means that no counter can be read. Its text says why, and what to do.
var ErrNone = errors.New("not readable here")

// What the counters cannot tell apart. They count in units of 61 µJ at most (Intel SDM
// volume 4, MSR_RAPL_POWER_UNIT; AMD's are finer) and are updated about every
// millisecond.
const (
	Resolution = 61e-6 // joules
	Update     = time.Millisecond
)

// most is the power, in watts, that no domain takes. A counter that fell has wrapped if
// less explains it, and was otherwise set back.
const most = 10_000

// folder holds the counters, below the system's root.
const folder = "sys/class/powercap"

// Counters are the energy counters of a machine. They are not for concurrent use.
type Counters struct {
	domains []*domain
	now     func() time.Time
	read    func(path string) ([]byte, error)
}

// domain is a counter, with what it counted since Open.
type domain struct {
	name  string
	path  string
	span  uint64 // µJ at which the counter begins again; 0 is unknown
	last  uint64 // µJ
	at    time.Time
	total uint64 // µJ
	lost  error  // why it counts no more
}

// Reading is what the domains took since Open.
type Reading struct {
	At     time.Time
	Joules []float64 // of each domain, in the order of Domains; NaN once its counter is lost
}

// Open finds the counters of the system with that root folder, which is / but in tests:
// those of each package, of its memory (dram) and of the whole platform (psys). Cores
// are part of a package, and left out. now is the clock; nil is time.Now. The error is
// ErrNone, and fs.ErrPermission too where that is why.
func Open(root string, now func() time.Time) (*Counters, error) {
	if now == nil {
		now = time.Now
	}
	c := &Counters{now: now, read: os.ReadFile}
	if err := c.find(root); err != nil {
		return nil, err
	}
	return c, nil
}

// find finds the counters.
func (c *Counters) find(root string) error {
	dir := filepath.Join(root, folder)
	zones, _ := filepath.Glob(filepath.Join(dir, "intel-rapl:*")) // the pattern is valid
	slices.Sort(zones)
	var unreadable error
	for _, zone := range zones {
		name := c.nameOf(zone)
		if name == "" {
			continue
		}
		d := &domain{name: name, path: filepath.Join(zone, "energy_uj"), at: c.now()}
		var err error
		if d.last, err = c.number(d.path); err != nil {
			unreadable = errors.Join(unreadable, err)
			continue
		}
		d.span, _ = c.number(filepath.Join(zone, "max_energy_range_uj"))
		c.domains = append(c.domains, d)
	}
	switch {
	case len(c.domains) > 0:
		return nil
	case errors.Is(unreadable, fs.ErrPermission):
		return fmt.Errorf("%w: %w: run as root, or allow it by 'chmod a+r %s'", ErrNone, first(unreadable), filepath.Join(dir, "intel-rapl:*", "energy_uj"))
	case unreadable != nil:
		return fmt.Errorf("%w: %w", ErrNone, first(unreadable))
	}
	return fmt.Errorf("%w: %s has no intel-rapl: this CPU has no counters, or a virtual machine or container hides them", ErrNone, dir)
}

// first is the first of joined errors.
func first(err error) error {
	if list, ok := err.(interface{ Unwrap() []error }); ok && len(list.Unwrap()) > 0 {
		return first(list.Unwrap()[0])
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}

// nameOf names the domain of a zone; empty for one that is left out. The zones within a
// package do not name it: the memory of package-1 is dram-1.
func (c *Counters) nameOf(zone string) string {
	name := c.text(filepath.Join(zone, "name"))
	base := filepath.Base(zone)
	within := strings.Count(base, ":") > 1
	switch {
	case !within && (strings.HasPrefix(name, "package") || name == record.DomainPlatform):
		return name
	case within && name == "dram":
		parent := c.text(filepath.Join(filepath.Dir(zone), base[:strings.LastIndexByte(base, ':')], "name"))
		return "dram" + strings.TrimPrefix(parent, "package")
	}
	return ""
}

func (c *Counters) text(path string) string {
	out, err := c.read(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func (c *Counters) number(path string) (uint64, error) {
	out, err := c.read(path)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: it is %.40q, not a number", path, out)
	}
	return n, nil
}

// Domains returns the names of the domains, such as package-0, dram-0 or psys.
func (c *Counters) Domains() []string {
	if c == nil {
		return nil
	}
	out := make([]string, len(c.domains))
	for i, d := range c.domains {
		out[i] = d.name
	}
	return out
}

// Read reads all counters. Counters wrap after some minutes at full power, so it is to be
// called at least once a minute.
func (c *Counters) Read() Reading {
	if c == nil {
		return Reading{}
	}
	out := Reading{At: c.now(), Joules: make([]float64, len(c.domains))}
	for i, d := range c.domains {
		c.count(d, out.At)
		out.Joules[i] = float64(d.total) / 1e6
		if d.lost != nil {
			out.Joules[i] = math.NaN()
		}
	}
	return out
}

// Lost returns why counters that could be read once can be read no more.
func (c *Counters) Lost() []error {
	if c == nil {
		return nil
	}
	var out []error
	for _, d := range c.domains {
		if d.lost != nil {
			out = append(out, fmt.Errorf("%s: %w", d.name, d.lost))
		}
	}
	return out
}

// count adds what the domain took since it was read last.
func (c *Counters) count(d *domain, now time.Time) {
	if d.lost != nil {
		return
	}
	value, err := c.number(d.path)
	if err != nil {
		d.lost = first(err)
		return
	}
	took := value - d.last
	if value < d.last {
		took = d.span - d.last + value
		possible := uint64(most * 1e6 * max(now.Sub(d.at), Update).Seconds())
		if d.span < d.last || took > possible {
			d.lost = fmt.Errorf("%s: it went back from %d to %d µJ", d.path, d.last, value)
			return
		}
	}
	d.total, d.last, d.at = d.total+took, value, now
}
