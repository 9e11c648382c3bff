package main

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/schollz/progressbar/v3"

	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// progress shows the progress of a session on a terminal, and writes its notices. It
// is a measure.Watcher.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil: w is not a terminal
	width func() int               // of the terminal
	shown time.Time                // when an epoch was last shown
}

func newProgress(w *harmless.Writer) *progress {
	p := &progress{w: w}
	if _, yes := isTerminal(w); !yes {
		return p
	}
	p.width = func() int { return cmp.Or(widthOf(w), 80) } // some terminals have no width
	p.bar = progressbar.NewOptions(1,
		progressbar.OptionSetWriter(w.Stream()),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionClearOnFinish(),
	)
	return p
}

// barWidth is the width of the bar itself, and barColumns that of everything before
// the text.
const (
	barWidth   = 8
	barColumns = barWidth + 12
)

// Checking shows that a graph is compared with Keras.
func (p *progress) Checking(graph string) {
	p.describe(fmt.Sprintf("checking that %s trains as Keras does", graph))
}

// Tracing shows that a step is traced.
func (p *progress) Tracing(graph string) { p.describe(fmt.Sprintf("tracing a step of %s", graph)) }

// Launching shows that a launch starts.
func (p *progress) Launching(at measure.Progress) {
	p.set(at)
	p.describe(p.position(at) + ", starting" + timeLeft(at))
}

// Epoch shows an epoch that has ended.
func (p *progress) Epoch(at measure.Progress, e record.Epoch) {
	// The bar's own throttle would also drop other texts, such as that of Launching.
	if p.bar == nil || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	which := fmt.Sprintf("epoch %d/%d", e.Index+1-at.Config.Warmup, at.Config.Epochs)
	switch {
	case e.Warmup:
		which = "warm-up"
	case at.Config.Timed():
		which = fmt.Sprintf("epoch %d", e.Index+1-at.Config.Warmup)
	}
	what := fmt.Sprintf("%s, %s: %s%s", p.position(at), which, report.Seconds(e.Seconds), timeLeft(at))
	if loss := ", loss " + report.Loss(e.Loss); text.StringWidthWithoutEscSequences(what+loss) <= p.width()-barColumns {
		what += loss
	}
	p.describe(what)
	p.set(at)
}

// Notice writes a notice above the bar.
func (p *progress) Notice(kind measure.NoticeKind, text string) {
	p.Idle()
	prefix := string(kind)
	if kind == measure.Failed {
		prefix = "epochtime"
	}
	fmt.Fprintf(p.w, "%s: %s\n", prefix, harmless.Hanging(text))
}

// Idle removes the bar from the screen.
func (p *progress) Idle() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// set sets the position of the bar. It ignores errors of drawing.
func (p *progress) set(at measure.Progress) {
	if p.bar != nil {
		p.bar.ChangeMax(max(1, at.Epochs))
		_ = p.bar.Set(min(at.EpochsDone, max(0, at.Epochs-1)))
	}
}

// describe sets the text of the bar, which moves the cursor and so writes to the
// terminal itself. A text that wraps could not be erased, and is cut.
func (p *progress) describe(what string) {
	if p.bar != nil {
		p.bar.Describe(text.Snip(harmless.Text(what), max(0, p.width()-barColumns), "…"))
	}
}

// restColumns is the width of the text of a launch without its title and loss.
const restColumns = 36

// position returns the number and title of a launch. A title that is too long for the
// terminal is cut.
func (p *progress) position(at measure.Progress) string {
	title := harmless.Text(at.Title)
	if p.bar != nil {
		title = text.Snip(title, max(14, p.width()-barColumns-restColumns), "…")
	}
	return fmt.Sprintf("%d/%d %s", at.Launch, at.Launches, title)
}

func timeLeft(at measure.Progress) string {
	if !at.LeftKnown {
		return ""
	}
	return fmt.Sprintf(", %v left", at.Left.Round(time.Second))
}
