package monitor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"epochtime/harness/record"
)

// unpacked unpacks a machine's files of testdata, and returns the root folder.
func unpacked(t *testing.T, name string) string {
	t.Helper()
	files, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := txtar.Write(files, root); err != nil {
		t.Fatal(err)
	}
	return root
}

// put writes a file of a machine.
func put(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestConditions(t *testing.T) {
	for name, c := range map[string]struct {
		want    record.Conditions
		missing string
	}{
		"intel": {want: record.Conditions{Load: 1.25, Clock: 2500, Temperature: 63.5, Throttled: 3 + 10 + 1 + 20}},
		"amd":   {want: record.Conditions{Load: 0.5, Clock: 4100, Temperature: 65}},
		"board": {want: record.Conditions{Load: 0.25, Clock: 1800, Temperature: 54.5}},
		"cloud": {want: record.Conditions{Load: 2, Clock: 2700}, missing: "temperature: not readable here: neither /sys/class/hwmon nor /sys/class/thermal has a sensor of the CPU"},
	} {
		s := findSensors(unpacked(t, name))
		if diff := cmp.Diff(c.want, s.read()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got := strings.Join(s.missing, "; "); got != c.missing {
			t.Errorf("%s: missing: %q", name, got)
		}
	}
}

func TestNothingToRead(t *testing.T) {
	s := findSensors(t.TempDir())
	if c := s.read(); !cmp.Equal(c, record.Conditions{}) {
		t.Errorf("%+v", c)
	}
	if len(s.missing) != 2 {
		t.Errorf("missing: %q", s.missing)
	}
}

// A sensor that vanishes while it is read, or says what cannot be, is unknown.
func TestSensorFails(t *testing.T) {
	root := unpacked(t, "board")
	s := findSensors(root)
	put(t, root, "sys/class/thermal/thermal_zone1/temp", "-274000\n")
	os.Remove(s.clocks[0])
	put(t, root, "proc/loadavg", "")
	if c := s.read(); !cmp.Equal(c, record.Conditions{}) {
		t.Errorf("%+v", c)
	}
}

func TestClocksOfManyCores(t *testing.T) {
	list := make([]string, 100)
	for i := range list {
		list[i] = string(rune('0' + i))
	}
	got := spread(list, mostClocks)
	if len(got) != mostClocks || got[0] != list[0] || got[15] != list[93] {
		t.Errorf("%q", got)
	}
}
