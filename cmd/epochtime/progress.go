package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
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
	m     *measurement
	bar   *progressbar.ProgressBar // nil: nobody watches
	width func() int               // of the terminal

	units   int // epochs, of all launches
	current plan.Launch
	began   time.Time
	shown   time.Time       // an epoch was shown last
	unshown int             // epochs since then
	spent   []time.Duration // by launches that are done, a configuration
	count   []int
}

func newProgress(w io.Writer, m *measurement) *progress {
	p := &progress{m: m, spent: make([]time.Duration, len(m.rec.Runs)-m.first), count: make([]int, len(m.rec.Runs)-m.first)}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.width = func() int { return cmp.Or(widthOf(f), 80) } // some terminals have none
	p.units = p.unitsDone() + p.unitsLeft()
	p.bar = progressbar.NewOptions(p.units,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionClearOnFinish(),
	)
	return p
}

// barWidth is that of the bar itself; barColumns are those of all that stands
// before the text.
const (
	barWidth   = 8
	barColumns = barWidth + 12
)

// unitsLeft counts the epochs of the launches still to do.
func (p *progress) unitsLeft() int {
	n := 0
	for i, left := range p.m.plan.Left(p.m.done) {
		n += left * epochsOf(p.m.rec.Runs[p.m.first+i].Config)
	}
	return n
}

// unitsDone counts the epochs of the launches that are done.
func (p *progress) unitsDone() int {
	n := 0
	for _, r := range p.m.done {
		n += epochsOf(p.m.rec.Runs[p.m.first+r.Config].Config)
	}
	return n
}

func epochsOf(c record.Config) int { return c.Warmup + c.Epochs }

// checking says that a graph is compared with Keras.
func (p *progress) checking(graph string) {
	p.describe(fmt.Sprintf("checking that %s trains as Keras does", graph))
}

// tracing says that a step is traced.
func (p *progress) tracing(graph string) {
	p.describe(fmt.Sprintf("tracing a step of %s", graph))
}

// launch says that a launch starts.
func (p *progress) launch(next plan.Launch) {
	p.current, p.began, p.unshown = next, time.Now(), 0
	if p.bar == nil {
		return
	}
	// A launch that failed leaves its epochs undone, and a plan may change its mind.
	_ = p.bar.Set(max(0, p.units-p.unitsLeft())) // a bar that cannot be drawn is no reason to stop
	p.describe(p.position() + ", starting" + p.timeLeft())
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
	p.unshown++
	// The bar's own throttle would also drop what must be seen, as the start of a launch.
	if time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	c := p.m.rec.Runs[p.m.first+p.current.Config].Config
	which := fmt.Sprintf("epoch %d/%d", e.Epoch.Index+1-c.Warmup, c.Epochs)
	if e.Epoch.Warmup {
		which = "warm-up"
	}
	p.describe(fmt.Sprintf("%s, %s: %s%s, loss %s", p.position(), which,
		report.Seconds(e.Epoch.Seconds), p.timeLeft(), report.Loss(e.Epoch.Loss)))
	_ = p.bar.Add(p.unshown)
	p.unshown, p.shown = 0, time.Now()
}

func (p *progress) position() string {
	run := p.m.rec.Runs[p.m.first+p.current.Config]
	run.Graph.Name = text.Snip(run.Graph.Name, 14, "…")
	title := cmp.Or(text.Snip(p.m.setups[p.m.first+p.current.Config].label, 24, "…"), run.Title())
	done, total := p.m.done, 0
	for _, left := range p.m.plan.Left(done) {
		total += left
	}
	return fmt.Sprintf("%d/%d %s", len(done)+1, len(done)+total, title)
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

// describe keeps the line from wrapping, which would leave rubbish behind.
func (p *progress) describe(what string) {
	if p.bar != nil {
		p.bar.Describe(text.Snip(what, max(0, p.width()-barColumns), "…"))
	}
}

// clear removes the bar from the screen.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
