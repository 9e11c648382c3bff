package record

import (
	"io"
	"testing"
)

// BenchmarkWrite writes the record of 6 launches of 100 epochs, as run does
// after every launch.
func BenchmarkWrite(b *testing.B) {
	r := full()
	launch := r.Runs[0].Launches[0]
	e := launch.Epochs[0]
	launch.Epochs = nil
	for range 100 {
		launch.Epochs = append(launch.Epochs, e)
	}
	r.Runs[0].Launches = nil
	for range 6 {
		r.Runs[0].Launches = append(r.Runs[0].Launches, launch)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Write(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
