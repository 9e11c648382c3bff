package measure

import (
	"slices"
	"testing"

	"epochtime/harness/record"
)

// A graph of one device leaves the other GPUs that are named idle, and its result says so.
func TestIdleGPUs(t *testing.T) {
	for device, want := range map[string]string{
		"cpu": "", "gpu": "", "gpu:1": "",
		"gpu:2,0,1": "its graph is made for one device: it runs on GPU 2, the first of gpu:2,0,1, and the others do nothing",
	} {
		l := newLab()
		s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"), "device="+device)}, l.options())
		r := measured(t, s, err)
		if kept := slices.Contains(r.Runs[0].Warnings, want); kept != (want != "") {
			t.Errorf("%s: the record warns %q", device, r.Runs[0].Warnings)
		}
		for _, launch := range r.Runs[0].Launches {
			if launch.Status != record.OK {
				t.Errorf("%s: %s: %s", device, launch.Status, launch.Reason)
			}
		}
	}
}
