package measure

import (
	"time"

	"epochtime/harness/plan"
	"epochtime/harness/record"
)

// Watcher is told what a session does while it does it. Its methods are called
// from one goroutine, and the session waits for them.
type Watcher interface {
	Checking(graph string)            // a comparison with Keras begins
	Launching(Progress)               // a launch begins
	Epoch(Progress, record.Epoch)     // an epoch of it ended
	Tracing(graph string)             // a traced step begins
	Notice(kind NoticeKind, s string) // something a person should know; the session goes on
	Idle()                            // nothing is under way
}

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	Failed  NoticeKind = "failed"  // a launch failed
	Notice  NoticeKind = "notice"  // worth knowing
	Warning NoticeKind = "warning" // something did not work that the measurement does without
)

// Progress says how far a session is.
type Progress struct {
	Run      int    // index in the record
	Title    string // of that run
	Config   record.Config
	Launch   int // the one under way, from 1
	Launches int // of the whole plan, as far as it is known

	EpochsDone int // of all launches, warm-up included
	Epochs     int
	Left       time.Duration // estimated from the launches that are done
	Known      bool          // Left is known
}

type unwatched struct{}

func (unwatched) Checking(string)              {}
func (unwatched) Launching(Progress)           {}
func (unwatched) Epoch(Progress, record.Epoch) {}
func (unwatched) Tracing(string)               {}
func (unwatched) Notice(NoticeKind, string)    {}
func (unwatched) Idle()                        {}

// pace is how long the launches of each configuration of a plan took.
type pace struct {
	now     func() time.Time
	current plan.Launch
	began   time.Time
	epochs  int // of the launch under way
	spent   []time.Duration
	count   []int
}

func newPace(now func() time.Time, configs int) pace {
	return pace{now: now, spent: make([]time.Duration, configs), count: make([]int, configs)}
}

func (p *pace) begin(l plan.Launch) { p.current, p.began, p.epochs = l, p.now(), 0 }

func (p *pace) end() {
	p.spent[p.current.Config] += p.now().Sub(p.began)
	p.count[p.current.Config]++
	p.epochs = 0
}

// left estimates the time that launches still to do take, for each configuration
// from its own launches where it has some.
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

// progress says how far the session is within the launch under way.
func (s *Session) progress() Progress {
	run := s.first + s.pace.current.Config
	p := Progress{Run: run, Title: s.Title(run), Config: s.rec.Runs[run].Config, Launch: len(s.done) + 1, Launches: len(s.done)}
	left := s.plan.Left(s.done)
	for i, n := range left {
		p.Launches += n
		p.Epochs += n * epochsOf(s.rec.Runs[s.first+i].Config)
	}
	for _, r := range s.done {
		p.EpochsDone += epochsOf(s.rec.Runs[s.first+r.Config].Config)
	}
	p.Epochs += p.EpochsDone
	p.EpochsDone += s.pace.epochs
	p.Left, p.Known = s.pace.left(left)
	return p
}

func epochsOf(c record.Config) int { return c.Warmup + c.Epochs }
