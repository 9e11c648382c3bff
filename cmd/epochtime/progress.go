package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"epochtime/harness/plan"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// progress shows a person how far a measurement is. All methods do nothing
// where stderr is no terminal.
type progress struct {
	m   *measurement
	bar *progressbar.ProgressBar // nil: nobody watches

	total   int
	current plan.Launch
	began   time.Time
	spent   []time.Duration // by launches that are done, a configuration
	count   []int
}

func newProgress(w io.Writer, m *measurement) *progress {
	p := &progress{m: m, spent: make([]time.Duration, len(m.rec.Runs)), count: make([]int, len(m.rec.Runs))}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	units := 0
	for i, left := range m.plan.Left(nil) {
		p.total += left
		units += left * epochsOf(m.rec.Runs[i].Config)
	}
	p.bar = progressbar.NewOptions(units,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(12),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
	return p
}

func epochsOf(c record.Config) int { return c.Warmup + c.Epochs }

// checking says that a graph is compared with Keras.
func (p *progress) checking(graph string) {
	p.describe(fmt.Sprintf("checking that %s trains as Keras does", graph))
}

// launch says that a launch starts.
func (p *progress) launch(next plan.Launch) {
	p.current, p.began = next, time.Now()
	p.describe(p.position() + " starting" + p.timeLeft())
}

// launched says that the launch is over.
func (p *progress) launched() {
	p.spent[p.current.Config] += time.Since(p.began)
	p.count[p.current.Config]++
}

// event shows the epoch that just ended.
func (p *progress) event(e protocol.Event) {
	if p.bar == nil || e.Event != protocol.EventEpoch || e.Epoch == nil {
		return
	}
	p.describe(fmt.Sprintf("%s epoch %d/%d %s loss %s%s", p.position(),
		e.Epoch.Index+1, epochsOf(p.m.rec.Runs[p.current.Config].Config),
		report.Seconds(e.Epoch.Seconds), report.Loss(e.Epoch.Loss), p.timeLeft()))
	_ = p.bar.Add(1) // a bar that cannot be drawn is no reason to stop
}

func (p *progress) position() string {
	return fmt.Sprintf("%d/%d %s", len(p.m.done)+1, p.total, p.m.manifests[p.current.Config].Name)
}

// timeLeft estimates from the launches that are done, for each configuration
// from its own where it has some.
func (p *progress) timeLeft() string {
	var all time.Duration
	n := 0
	for i := range p.spent {
		all += p.spent[i]
		n += p.count[i]
	}
	if n == 0 {
		return ""
	}
	var left time.Duration
	for i, k := range p.m.plan.Left(p.m.done) {
		mean := all / time.Duration(n)
		if p.count[i] > 0 {
			mean = p.spent[i] / time.Duration(p.count[i])
		}
		left += mean * time.Duration(k)
	}
	left -= time.Since(p.began)
	return fmt.Sprintf(", %v left", max(left, 0).Round(time.Second))
}

func (p *progress) describe(text string) {
	if p.bar != nil {
		p.bar.Describe(text)
	}
}

// clear removes the bar from the screen.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
