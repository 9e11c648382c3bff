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

	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// progress shows a person how far a measurement is, and writes its notices. It
// draws nothing where w is no terminal. It is a measure.Watcher.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil: nobody watches
	width func() int               // of the terminal
	shown time.Time                // an epoch was shown last
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.width = func() int { return cmp.Or(widthOf(f), 80) } // some terminals have none
	p.bar = progressbar.NewOptions(1,
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

// Checking says that a graph is compared with Keras.
func (p *progress) Checking(graph string) {
	p.describe(fmt.Sprintf("checking that %s trains as Keras does", graph))
}

// Tracing says that a step is traced.
func (p *progress) Tracing(graph string) { p.describe(fmt.Sprintf("tracing a step of %s", graph)) }

// Launching says that a launch starts.
func (p *progress) Launching(at measure.Progress) {
	p.set(at)
	p.describe(p.position(at) + ", starting" + timeLeft(at))
}

// Epoch shows the epoch that just ended.
func (p *progress) Epoch(at measure.Progress, e record.Epoch) {
	// The bar's own throttle would also drop what must be seen, as the start of a launch.
	if p.bar == nil || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	which := fmt.Sprintf("epoch %d/%d", e.Index+1-at.Config.Warmup, at.Config.Epochs)
	if e.Warmup {
		which = "warm-up"
	}
	p.describe(fmt.Sprintf("%s, %s: %s%s, loss %s", p.position(at), which, report.Seconds(e.Seconds), timeLeft(at), report.Loss(e.Loss)))
	p.set(at)
}

// Notice writes what a person should know above the bar.
func (p *progress) Notice(kind measure.NoticeKind, text string) {
	p.Idle()
	prefix := string(kind)
	if kind == measure.Failed {
		prefix = "epochtime"
	}
	fmt.Fprintf(p.w, "%s: %s\n", prefix, text)
}

// Idle removes the bar from the screen.
func (p *progress) Idle() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// set draws how far the measurement is. A bar that cannot be drawn is no reason
// to stop.
func (p *progress) set(at measure.Progress) {
	if p.bar != nil {
		p.bar.ChangeMax(max(1, at.Epochs))
		_ = p.bar.Set(min(at.EpochsDone, max(0, at.Epochs-1)))
	}
}

// describe keeps the line from wrapping, which would leave rubbish behind.
func (p *progress) describe(what string) {
	if p.bar != nil {
		p.bar.Describe(text.Snip(what, max(0, p.width()-barColumns), "…"))
	}
}

// restColumns are those of what stands beside the title of a launch.
const restColumns = 50

// position says which launch of how many this is. The title is cut where the
// terminal is too narrow for it.
func (p *progress) position(at measure.Progress) string {
	title := at.Title
	if p.bar != nil {
		title = text.Snip(title, max(14, p.width()-barColumns-restColumns), "…")
	}
	return fmt.Sprintf("%d/%d %s", at.Launch, at.Launches, title)
}

func timeLeft(at measure.Progress) string {
	if !at.Known {
		return ""
	}
	return fmt.Sprintf(", %v left", at.Left.Round(time.Second))
}
