package measure

import (
	"context"
	"fmt"

	"epochtime/harness/launch"
	"epochtime/harness/plan"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// launches carries out the plan and saves the record after every launch. The error is
// what stopped it, such as timeUp, or ErrFailed.
func (s *Session) launches(ctx context.Context) error {
	defer s.o.Watcher.Idle()
	for {
		next, ok := s.plan.Next(s.done)
		if !ok {
			break
		}
		if err := s.inTime(ctx); err != nil {
			return err
		}
		if err := s.prepare(next); err != nil {
			return err
		}
		run := s.first + next.Config
		out, err := s.launch(ctx, next)
		if err != nil {
			return err
		}
		hopeless := out.Setup && s.needs(run)
		s.keep(run, next.Block, out)
		if err := s.save(); err != nil {
			return err
		}
		switch {
		case out.Launch.Status == record.OK:
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case hopeless:
			return fmt.Errorf("%s: %w", s.Title(run), out.Err())
		default:
			s.tell(run, out)
		}
	}
	if s.Failed() {
		return ErrFailed
	}
	return nil
}

// needs reports whether a failure to set up a run leaves nothing to measure: every other
// launch would fail as well, or there is no default to compare with.
func (s *Session) needs(run int) bool {
	switch s.kind() {
	case record.KindRun, record.KindProbe, record.KindLargest:
		return !s.Measured()
	case record.KindFactors:
		return s.rec.Runs[run].Factor == nil
	}
	return s.piloting() && !s.Measured()
}

// launch runs one launch.
func (s *Session) launch(ctx context.Context, next plan.Launch) (out *launch.Outcome, err error) {
	run := s.first + next.Config
	job := s.job(run)
	made, err := s.examplesOf(ctx, run)
	if err != nil {
		return nil, err
	}
	job.Examples = made.path
	if len(s.rec.Runs[run].Launches) == 0 {
		s.warn(run, made.warnings)
	}
	s.pace.begin(next)
	s.o.Watcher.Launching(s.progress())
	ctx, stop, limit := limited(ctx, job.Config, s.longest(run))
	defer stop()
	back := s.spent.run(&s.spent.launch)
	out, err = s.configs[run].worker.Run(ctx, job, func(e protocol.Event) {
		switch {
		case e.Event == protocol.EventEpoch && e.Epoch != nil:
			s.pace.epochs++
			s.pace.epoch[next.Config] = e.Epoch.Seconds
			s.o.Watcher.Epoch(s.progress(), *e.Epoch)
		case e.Event == protocol.EventLoaded && e.Loaded != nil && len(s.rec.Runs[run].Launches) == 0:
			s.tellLacking(run, e.Loaded.Lacking)
			s.warn(run, append(e.Loaded.Warnings, s.ofDevice(run, e.Loaded.Resolved)...))
		case e.Event == protocol.EventWeights && e.Weights != nil:
			s.configs[run].weights = ""
			s.saved = append(s.saved, Saved{Title: s.Title(run), Path: e.Weights.Path, Bytes: uint64(max(0, e.Weights.Bytes))})
		}
	})
	back()
	if err != nil {
		return nil, err
	}
	s.spent.launched(out.Launch.Wall)
	s.pace.end()
	out.Launch.Limit = limit.Seconds()
	out.Launch.Warnings = append(append(out.Launch.Warnings, made.warnings...), s.ofDevice(run, out.Launch.Resolved)...)
	return out, nil
}

// tellLacking warns of variables that a file of weights has no values of.
func (s *Session) tellLacking(run int, lacking []string) {
	if len(lacking) == 0 {
		return
	}
	s.o.Watcher.Notice(Warning, fmt.Sprintf("%s: %s lacks the state of the optimizer or of random layers, such as %s: it starts as in the graph",
		s.Title(run), s.rec.Runs[run].Config.LoadWeights, lacking[0]))
}

// warn tells what may not be meant in the data of a run, before its time is spent.
func (s *Session) warn(run int, warnings []string) {
	for _, text := range warnings {
		s.o.Watcher.Notice(Warning, s.Title(run)+": "+text)
	}
}

// keep adds a launch to the record and updates the summary of its run. Of a launch that
// no record can hold it keeps that it failed.
func (s *Session) keep(index, block int, out *launch.Outcome) {
	l := out.Launch
	l.Order, l.Block = s.Launched(), block
	if out.Hello != nil {
		l.Machine = s.machine(machineOf(out.Hello))
		s.noteIdle(l)
	}
	run := &s.rec.Runs[index]
	run.Launches = append(run.Launches, l)
	if err := s.rec.Validate(); err != nil {
		l = record.Launch{
			Status: record.Error, Reason: fmt.Sprintf("the launch reported what cannot be: %v", err), ExitCode: l.ExitCode,
			Order: l.Order, Block: l.Block, Started: l.Started, Worker: l.Worker,
		}
		run.Launches[len(run.Launches)-1] = l
	}
	run.Summary, run.Warnings = stats.Summarize(run)
	if s.failOtherWork() {
		s.recount()
		return
	}
	if l = run.Launches[len(run.Launches)-1]; l.Status != record.Interrupted && index >= s.first {
		s.done = append(s.done, s.result(index-s.first, l))
	}
}

// tell notifies the watcher of a failed launch, once per run and reason.
func (s *Session) tell(run int, out *launch.Outcome) {
	launches := s.rec.Runs[run].Launches
	for _, earlier := range launches[:len(launches)-1] {
		if earlier.Status == out.Launch.Status && earlier.Reason == out.Launch.Reason {
			return
		}
	}
	if s.searches() && out.Launch.Status == record.OOM { // that is a result
		return
	}
	which := fmt.Sprintf("launch %d", len(launches))
	if s.rec.Plan.Blocks > 0 && s.rec.Plan.Kind != record.KindTune {
		which += fmt.Sprintf(" of %d", s.rec.Plan.Blocks)
	}
	s.o.Watcher.Notice(Failed, fmt.Sprintf("%s, %s failed: %v", s.Title(run), which, out.Err()))
}
