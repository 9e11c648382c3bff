package measure

import (
	"math"
	"time"

	"epochtime/harness/plan"
	"epochtime/harness/record"
)

// Watcher is notified of what a session does. The session calls its methods from one
// goroutine and waits for them to return.
type Watcher interface {
	Checking(graph string)            // a comparison with Keras begins
	Launching(Progress)               // a launch begins
	Epoch(Progress, record.Epoch)     // an epoch of the launch ended
	Tracing(graph string)             // a traced step begins
	Notice(kind NoticeKind, s string) // a text for people; the session continues
	Idle()                            // the last activity ended
}

// NoticeKind is the kind of a notice.
type NoticeKind string

// Kinds of notices.
const (
	Failed  NoticeKind = "failed"  // a launch failed
	Notice  NoticeKind = "notice"  // information
	Warning NoticeKind = "warning" // something failed that the measurement can do without, or may not be meant
)

// Progress describes how far a session is, and its current launch.
type Progress struct {
	Run      int    // index in the record
	Title    string // of that run
	Config   record.Config
	Launch   int // from 1
	Launches int // of the whole plan, or an estimate

	EpochsDone int           // over all launches, with the warm-up
	Epochs     int           // of the whole plan, or an estimate
	Left       time.Duration // estimated
	LeftKnown  bool          // false before the first launch has ended
}

// Unwatched is a Watcher that does nothing. A Watcher that embeds it has only the
// methods it needs.
type Unwatched struct{}

// Checking does nothing, as the other methods.
func (Unwatched) Checking(string)              {}
func (Unwatched) Launching(Progress)           {}
func (Unwatched) Epoch(Progress, record.Epoch) {}
func (Unwatched) Tracing(string)               {}
func (Unwatched) Notice(NoticeKind, string)    {}
func (Unwatched) Idle()                        {}

// pace records how long the launches of each configuration of a plan took.
type pace struct {
	now     func() time.Time
	current plan.Launch
	began   time.Time
	epochs  int // of the current launch
	spent   []time.Duration
	count   []int
	epoch   []float64 // seconds of the epoch that was done last; 0: none was
}

func newPace(now func() time.Time, configs int) pace {
	return pace{now: now, spent: make([]time.Duration, configs), count: make([]int, configs), epoch: make([]float64, configs)}
}

// grow makes room for a configuration that a plan has come upon.
func (p *pace) grow() {
	p.spent, p.count, p.epoch = append(p.spent, 0), append(p.count, 0), append(p.epoch, 0)
}

func (p *pace) begin(l plan.Launch) { p.current, p.began, p.epochs = l, p.now(), 0 }

func (p *pace) end() {
	p.spent[p.current.Config] += p.now().Sub(p.began)
	p.count[p.current.Config]++
	p.epochs = 0
}

// left estimates how long so many more launches of each configuration take. The
// estimate is from the configuration's own launches if it has any.
func (p *pace) left(launches []int) (time.Duration, bool) {
	var all, left time.Duration
	n := 0
	for i := range p.spent {
		all, n = all+p.spent[i], n+p.count[i]
	}
	if n == 0 {
		return 0, false
	}
	for i, k := range launches {
		mean := all / time.Duration(n)
		if p.count[i] > 0 {
			mean = p.spent[i] / time.Duration(p.count[i])
		}
		left += mean * time.Duration(k)
	}
	return max(0, left-p.now().Sub(p.began)), true
}

// progress returns how far the session is.
func (s *Session) progress() Progress {
	run := s.first + s.pace.current.Config
	p := Progress{Run: run, Title: s.Title(run), Config: s.rec.Runs[run].Config, Launch: len(s.done) + 1, Launches: len(s.done)}
	left := s.plan.Left(s.done)
	for i, n := range left {
		p.Launches += n
		p.Epochs += n * s.epochsOf(i)
	}
	for _, r := range s.done {
		p.EpochsDone += s.epochsOf(r.Config)
	}
	p.Epochs += p.EpochsDone
	p.EpochsDone += s.pace.epochs
	p.Left, p.LeftKnown = s.pace.left(left)
	if p.Config.Timed() && !p.LeftKnown {
		p.Left, p.LeftKnown = s.timeLeft(left), true
	}
	return p
}

// epochsOf returns how many epochs a launch of a configuration of the plan has. One that
// measures for a time has as many as it has room for, by the last.
func (s *Session) epochsOf(config int) int {
	c := s.rec.Runs[s.first+config].Config
	if !c.Timed() {
		return c.Warmup + c.Epochs
	}
	if last := s.pace.epoch[config]; last > 0 {
		return c.Warmup + int(math.Ceil(c.For/last))
	}
	return c.Warmup + 1
}

// timeLeft estimates how long launches take that measure for a time, before any has ended.
func (s *Session) timeLeft(launches []int) time.Duration {
	var out time.Duration
	for i, n := range launches {
		out += time.Duration(n) * duration(s.rec.Runs[s.first+i].Config.For)
	}
	return max(0, out-s.o.now().Sub(s.pace.began))
}
