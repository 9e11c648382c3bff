package train_test

import (
	"os"
	"testing"

	"github.com/shirou/gopsutil/v4/process"

	"epochtime/harness/feed"
	"epochtime/harness/train"
)

// BenchmarkMemory trains b.N steps on batches of 3 MB (and targets of 3 MB), on
// a graph whose step is trivial, and reports how much the process grew.
//
//	go test -run - -bench Memory -benchtime 100000x ./harness/train
func BenchmarkMemory(b *testing.B) {
	const batch, steps = 3 << 20 / 4, 10
	tr := open(b, "linear", steps*batch, train.Options{Feed: feed.Options{Batch: batch, Prefetch: 2}})
	defer tr.Close()
	if _, err := tr.FirstSteps(b.Context()); err != nil {
		b.Fatal(err)
	}
	epoch := func() {
		if _, err := tr.Epoch(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	epoch()
	before := resident(b)
	b.ResetTimer()
	for done := 0; done < b.N; done += steps {
		epoch()
	}
	b.ReportMetric(float64(resident(b)-before)/1e6, "MB-growth")
}

func resident(b *testing.B) int64 {
	p, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		b.Fatal(err)
	}
	info, err := p.MemoryInfo()
	if err != nil {
		b.Fatal(err)
	}
	return int64(info.RSS)
}
