package measure

import (
	"context"
	"fmt"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/record"
)

// Time limits of a launch whose settings have none. The first of a configuration may
// take long, because nothing is known of it. Each later one may take a multiple of the
// longest that worked, and never less than shortest: a machine may be busy for a while.
const (
	firstLimit    = time.Hour
	shortestLimit = time.Minute
	limitFactor   = 10
)

// limited returns ctx with the time limit of a launch, and that limit. longest is how
// long the longest launch of the configuration took; 0 is unknown.
func limited(ctx context.Context, c record.Config, longest time.Duration) (context.Context, context.CancelFunc, time.Duration) {
	var limit time.Duration
	var why string
	switch {
	case c.Timeout > 0:
		limit, why = duration(c.Timeout), "the timeout that was set: set a longer one if it does not hang"
	case longest > 0:
		limit = max(shortestLimit, limitFactor*longest)
		why = fmt.Sprintf("and the longest of its launches took %v: set a timeout if it does not hang", rounded(longest))
	default:
		limit, why = firstLimit+duration(c.For), "the time limit of a first launch: set a timeout if it takes longer"
	}
	ctx, stop := context.WithTimeoutCause(ctx, limit, &launch.Ending{
		Status: record.Timeout, Reason: fmt.Sprintf("not done after %v, %s", rounded(limit), why),
	})
	return ctx, stop, limit
}

// rounded shortens a duration for people.
func rounded(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(time.Second / 10)
	}
	return d.Round(time.Millisecond / 10)
}

// longest returns how long the longest launch of a run took that worked; 0: none has.
func (s *Session) longest(run int) time.Duration {
	var out time.Duration
	for _, l := range s.rec.Runs[run].Launches {
		if l.Status == record.OK {
			out = max(out, duration(l.Wall))
		}
	}
	return out
}

// bounded returns ctx that ends when the session's time is up. The time of a record
// that is resumed counts.
func (s *Session) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := duration(s.rec.Plan.MaxTime)
	if limit <= 0 {
		return ctx, func() {}
	}
	if s.deadline.IsZero() {
		s.deadline = s.o.now().Add(limit - s.used())
	}
	return context.WithTimeoutCause(ctx, s.deadline.Sub(s.o.now()), s.timeUp())
}

// timeUp is why the session ends when its time is up.
func (s *Session) timeUp() *launch.Ending {
	return &launch.Ending{Status: record.Interrupted, Reason: fmt.Sprintf("the time limit of %v was reached", duration(s.rec.Plan.MaxTime))}
}

// used returns how long the launches of the record took.
func (s *Session) used() time.Duration {
	var out time.Duration
	s.any(func(l record.Launch) bool { out += duration(l.Wall); return false })
	return out
}

// inTime returns why the session has to end now: timeUp, or what ended ctx; nil if it
// does not.
func (s *Session) inTime(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !s.deadline.IsZero() && !s.o.now().Before(s.deadline):
		return s.timeUp()
	}
	return nil
}

// left returns the shorter of limit and the time that is left.
func (s *Session) left(limit time.Duration) time.Duration {
	if !s.deadline.IsZero() {
		limit = min(limit, s.deadline.Sub(s.o.now()))
	}
	return max(limit, time.Nanosecond)
}

// outOfTime completes the record of a session whose time is up with what it has.
func (s *Session) outOfTime(up *launch.Ending) error {
	if s.Launched() > 0 {
		s.rec.Status = record.Complete
		if err := s.save(); err != nil {
			return err
		}
	}
	if !s.Measured() {
		return kindError{fmt.Errorf("nothing was measured: %w: allow more time", up), ErrNoResult}
	}
	s.o.Watcher.Notice(Notice, up.Reason+"; the result is of the launches until then")
	if s.Failed() {
		return ErrFailed
	}
	return nil
}
