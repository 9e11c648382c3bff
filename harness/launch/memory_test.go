package launch

import (
	"errors"
	"strings"
	"testing"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// group is a memory group of a test.
type group struct {
	added, closed int
	killed        int
	kills         int64
	refuses       bool
}

func (g *group) Add(int) error {
	if g.refuses {
		return errors.New("no")
	}
	g.added++
	return nil
}
func (g *group) Kills() (int64, bool) { return g.kills, true }
func (g *group) Kill() error          { g.killed++; return nil }
func (g *group) Close() error         { g.closed++; return nil }

// limited runs a script in a worker under a memory limit of 1 MiB.
func limited(t *testing.T, script string, m Memory) (*Outcome, error) {
	t.Helper()
	m.Limit = 1 << 20
	w := worker(t, script)
	w.Memory = m
	return w.Run(t.Context(), protocol.Job{Kind: protocol.Devices}, nil)
}

func TestMemoryLimit(t *testing.T) {
	const dies, waits, good = "job\nhello\nsignal 9\n", "job\nhello\nwait\n", "job\nhello\ndone\n"
	large := func(int) (uint64, bool) { return 2 << 20, true }
	small := func(int) (uint64, bool) { return 1 << 20, true }
	for _, c := range []struct {
		name, script string
		group        *group
		resident     func(int) (uint64, bool)
		status       string
	}{
		{"the kernel kills", dies, &group{kills: 1}, small, record.OOM},
		{"someone else kills", dies, &group{}, small, record.Killed},
		{"the watch kills", waits, nil, large, record.OOM},
		{"the watch takes over", waits, &group{refuses: true}, large, record.OOM},
		{"small enough", good, &group{}, small, record.OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := Memory{Resident: c.resident, NewGroup: func(uint64) (MemoryGroup, error) {
				if c.group == nil {
					return nil, errors.New("none here")
				}
				return c.group, nil
			}}
			out, err := limited(t, c.script, m)
			if err != nil {
				t.Fatal(err)
			}
			if out.Launch.Status != c.status {
				t.Errorf("status %s (%s), want %s", out.Launch.Status, out.Launch.Reason, c.status)
			}
			if c.status == record.OOM && !strings.Contains(out.Launch.Reason, "its memory limit of 1.0 MiB") {
				t.Errorf("the reason is %q", out.Launch.Reason)
			}
			if c.group != nil && c.group.closed != 1 {
				t.Errorf("the group was closed %d times", c.group.closed)
			}
			if c.group != nil && !c.group.refuses && c.group.killed == 0 {
				t.Error("what left the process group is left behind")
			}
			if out.Launch.Wall <= 0 || out.Launch.Wall > time.Minute.Seconds() {
				t.Errorf("the launch took %v s", out.Launch.Wall)
			}
		})
	}
	if _, err := limited(t, good, Memory{}); !errors.Is(err, ErrNoLimit) {
		t.Errorf("without any way to hold to a limit: %v", err)
	}
}
