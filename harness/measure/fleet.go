package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"epochtime/harness/record"
)

// Unit is one machine of a fleet, and what is measured on it.
type Unit struct {
	Name string // no other unit has it
	List []Configuration
}

// Fleet measures on many machines at once: a session for each, one launch at a time on
// each, and one record of all. It is not for concurrent use.
type Fleet struct {
	rec   *record.Record // of what is saved; without runs until then
	parts []*part
	o     Options
	most  int // parts that measure at the same time
	watch *jointWatcher

	mu     sync.Mutex
	saved  *sync.Cond
	asked  int  // commits so far
	done   int  // of which the record is saved
	saving bool // a save is under way
	failed error
}

// part is what a fleet measures on one of its machines.
type part struct {
	name    string
	session *Session
	runs    []record.Run     // as they were committed last: a copy
	own     []record.Machine // likewise
}

// NewFleet returns a fleet. The plan is that of NewRun for each unit; o.MaxTime is for
// each of them too. At most parallel units are measured at the same time; 0 is all. The
// errors are those of NewRun, and ErrOptions for a unit without a name of its own.
func NewFleet(units []Unit, parallel int, o Options) (*Fleet, error) {
	if len(units) == 0 {
		return nil, ErrNothing
	}
	f := newFleet(parallel, o)
	for _, u := range units {
		if err := f.checkName(u.Name); err != nil {
			return nil, err
		}
		s, err := NewRun(u.List, f.options(u.Name, slices.ContainsFunc(u.List, func(c Configuration) bool { return len(c.Config.Worker) > 0 })))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", u.Name, err)
		}
		f.add(u.Name, s)
	}
	first := f.parts[0].session.rec
	f.rec = &record.Record{
		Schema: first.Schema, Epochtime: first.Epochtime, ID: first.ID, Started: first.Started, Argv: o.Argv, Labels: o.Labels,
		Status: record.Incomplete, Plan: first.Plan,
	}
	f.rec.Plan.Kind = record.KindFleet
	return f, nil
}

// ResumeFleet returns a fleet that continues an incomplete record, as Resume does.
func ResumeFleet(rec *record.Record, parallel int, o Options) (*Fleet, error) {
	switch {
	case rec == nil || len(rec.Runs) == 0 || rec.Plan.Kind != record.KindFleet:
		return nil, kindError{errors.New("the record cannot be resumed: it holds no runs of a fleet"), ErrResume}
	case rec.Status == record.Complete:
		return nil, ErrComplete
	}
	f := newFleet(parallel, o)
	for name, sub := range split(rec) {
		if err := f.checkName(name); err != nil {
			return nil, kindError{err, ErrResume}
		}
		s, err := Resume(sub, f.options(name, slices.ContainsFunc(sub.Runs, func(r record.Run) bool { return len(r.Config.Worker) > 0 })))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		f.add(name, s)
	}
	whole := *rec
	whole.Runs, whole.Machines = nil, nil
	f.rec = &whole
	return f, nil
}

func newFleet(parallel int, o Options) *Fleet {
	f := &Fleet{o: o.filled(), most: parallel}
	f.saved = sync.NewCond(&f.mu)
	f.watch = &jointWatcher{to: f.o.Watcher, units: map[string]Progress{}}
	return f
}

func (f *Fleet) checkName(name string) error {
	if err := CheckMachineName(name); err != nil {
		return err
	}
	if name == "" || slices.ContainsFunc(f.parts, func(p *part) bool { return p.name == name }) {
		return kindError{fmt.Errorf("the unit %q has no name of its own", name), ErrOptions}
	}
	return nil
}

func (f *Fleet) add(name string, s *Session) {
	p := &part{name: name, session: s}
	p.commit(s.rec)
	f.parts = append(f.parts, p)
	f.watch.add(name, s.progress())
}

// options returns those of the session of a unit, which may have a worker of its own.
func (f *Fleet) options(name string, ownWorker bool) Options {
	o := f.o
	o.each = true
	o.MachineName, o.Watcher, o.Labels, o.Limits = name, f.watch.of(name), nil, nil
	// What watches this machine says nothing of another.
	o.NoSampling = o.NoSampling || ownWorker
	at := len(f.parts)
	o.Save = func(rec *record.Record) error { return f.commit(at, rec) }
	return o
}

// Record returns the record as it was saved last, or is at the end of Measure.
func (f *Fleet) Record() *record.Record {
	if f == nil || f.rec == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.join()
}

// Launched returns the number of launches in the record.
func (f *Fleet) Launched() int {
	n := 0
	if rec := f.Record(); rec != nil {
		for _, r := range rec.Runs {
			n += len(r.Launches)
		}
	}
	return n
}

// Measured reports whether any epoch was measured.
func (f *Fleet) Measured() bool {
	rec := f.Record()
	return rec != nil && slices.ContainsFunc(rec.Runs, func(r record.Run) bool { return r.Summary != nil })
}

// Measure measures on all machines. A machine that fails costs the others nothing: its
// reason is in its launches, and told to the watcher. If ctx is done, the error is its
// cause, and ResumeFleet continues the record. Other errors are ErrFailed if any launch
// failed, and those of Options.Save. The record is incomplete where a machine could not go
// on after its first launches.
func (f *Fleet) Measure(ctx context.Context) error {
	if f == nil || len(f.parts) == 0 {
		return ErrNothing
	}
	ctx, stop := context.WithCancelCause(cmp.Or(ctx, context.Background()))
	defer stop(nil)
	defer f.o.Watcher.Idle()
	var all sync.WaitGroup
	room := make(chan struct{}, cmp.Or(max(0, f.most), len(f.parts)))
	errs := make([]error, len(f.parts))
	for i, p := range f.parts {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if errs[i] = p.measure(ctx, f.watch); errors.Is(errs[i], errSave) {
				stop(errs[i])
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.ContainsFunc(f.parts, (*part).unfinished) {
		f.rec.Status = record.Complete
	}
	if err := f.o.Save(f.join()); err != nil {
		return fmt.Errorf("saving the record: %w", err)
	}
	return cmp.Or(errs...)
}

// unfinished reports whether the session ended, as by a worker that cannot be started any
// more, with launches of its plan still to come.
func (p *part) unfinished() bool {
	if p.session.rec.Status == record.Complete {
		return false
	}
	_, more := p.session.plan.Next(p.session.done)
	return more
}

// measure carries out the session of a machine. Where it ends without a launch of each
// run, the reason becomes one: no machine is missing in the record. Where launches came
// before, the record stays incomplete, and can be continued.
func (p *part) measure(ctx context.Context, w *jointWatcher) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err := p.session.Measure(ctx)
	w.ended(p.name)
	switch {
	case err == nil, ctx.Err() != nil, errors.Is(err, ErrFailed), errors.Is(err, errSave):
		return err
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	for i := range p.session.rec.Runs {
		p.session.drop(i, errors.New("not measured: "+first))
	}
	w.of(p.name).Notice(Failed, err.Error())
	if unsaved := p.session.save(); unsaved != nil {
		return unsaved
	}
	return ErrFailed
}

// errSave means that the record of a fleet could not be saved.
var errSave = errors.New("the record of the fleet is not saved")

// commit takes what a session has measured, and returns once it is saved. Sessions that
// wait meanwhile are saved together.
func (f *Fleet) commit(at int, rec *record.Record) error {
	copied := part{name: f.parts[at].name}
	copied.commit(rec)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.parts[at].runs, f.parts[at].own = copied.runs, copied.own
	f.asked++
	mine := f.asked
	for f.done < mine && f.failed == nil {
		if f.saving {
			f.saved.Wait()
			continue
		}
		f.saving = true
		upTo, whole := f.asked, f.join()
		f.mu.Unlock()
		err := f.o.Save(whole)
		f.mu.Lock()
		f.saving, f.done = false, upTo
		if err != nil {
			f.failed = kindError{err, errSave}
		}
		f.saved.Broadcast()
	}
	return f.failed
}

// commit keeps what a session has. The session goes on while that is saved, and changes
// nothing of a launch that it has committed.
func (p *part) commit(rec *record.Record) {
	rec.FillNil() // or else writing would change what the session reads
	p.runs, p.own = slices.Clone(rec.Runs), slices.Clone(rec.Machines)
	for i := range p.runs {
		p.runs[i].On, p.runs[i].Launches = p.name, slices.Clone(p.runs[i].Launches)
	}
}

// join returns the record of all that was committed. Its launches are not shared with the
// next one.
func (f *Fleet) join() *record.Record {
	out := *f.rec
	out.Runs, out.Machines = nil, nil
	order := 0
	for _, p := range f.parts {
		first := len(out.Machines)
		out.Machines = append(out.Machines, p.own...)
		if len(p.own) == 0 { // it has not said yet what it is
			out.Machines = append(out.Machines, record.Machine{Name: p.name})
		}
		for _, r := range p.runs {
			r.Launches = slices.Clone(r.Launches)
			for i := range r.Launches {
				l := &r.Launches[i]
				l.Machine += first
				l.Order, order = order, order+1
			}
			out.Runs = append(out.Runs, r)
		}
	}
	return &out
}

// split returns the record of each machine, as its session had it, by the machine's name.
func split(rec *record.Record) iter.Seq2[string, *record.Record] {
	var names []string
	subs := map[string]*record.Record{}
	places := map[int]int{} // of machines, in the record of their unit
	for _, r := range rec.Runs {
		sub := subs[r.On]
		if sub == nil {
			whole := *rec
			sub = &whole
			sub.Plan.Kind, sub.Runs, sub.Machines, sub.Labels, sub.Spent = record.KindRun, nil, nil, nil, nil
			subs[r.On], names = sub, append(names, r.On)
		}
		r.On, r.Launches = "", slices.Clone(r.Launches)
		for i := range r.Launches {
			l := &r.Launches[i]
			at, taken := places[l.Machine]
			if m := rec.Machines[l.Machine]; !taken && m.Known() {
				at = len(sub.Machines)
				places[l.Machine], sub.Machines = at, append(sub.Machines, m)
			}
			l.Machine = at
		}
		sub.Runs = append(sub.Runs, r)
	}
	return func(yield func(string, *record.Record) bool) {
		for _, name := range names {
			if !yield(name, subs[name]) {
				return
			}
		}
	}
}
