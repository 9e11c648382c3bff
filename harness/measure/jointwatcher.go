package measure

import (
	"sync"
	"time"

	"epochtime/harness/record"
)

// jointWatcher tells one watcher what the sessions of a fleet do.
type jointWatcher struct {
	to Watcher

	mu    sync.Mutex
	names []string
	units map[string]Progress
	shown time.Time
}

// showEvery limits how often epochs are told: a fleet has many.
const showEvery = 100 * time.Millisecond

func (w *jointWatcher) add(name string, at Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at.Launch = 1
	w.names, w.units[name] = append(w.names, name), at
}

// of returns the watcher of the session of a unit.
func (w *jointWatcher) of(name string) Watcher { return unitWatcher{w, name} }

// ended notes that nothing is left to do on a unit.
func (w *jointWatcher) ended(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.units[name]
	at.Launch, at.EpochsDone, at.Left, at.LeftKnown = at.Launches+1, at.Epochs, 0, true
	w.units[name] = at
}

// sum returns how far the fleet is, with the launch of one of its units. The unit that
// takes longest says how much time is left.
func (w *jointWatcher) sum(name string) Progress {
	out := w.units[name]
	out.Title = name + ": " + out.Title
	out.Launch, out.Launches, out.EpochsDone, out.Epochs = 1, 0, 0, 0
	for _, other := range w.names {
		at := w.units[other]
		out.Launch += at.Launch - 1
		out.Launches, out.EpochsDone, out.Epochs = out.Launches+at.Launches, out.EpochsDone+at.EpochsDone, out.Epochs+at.Epochs
		out.Left, out.LeftKnown = max(out.Left, at.Left), out.LeftKnown || at.LeftKnown
	}
	return out
}

// unitWatcher is the watcher of the session of a unit.
type unitWatcher struct {
	joint *jointWatcher
	name  string
}

func (w unitWatcher) locked(tell func(Watcher)) {
	w.joint.mu.Lock()
	defer w.joint.mu.Unlock()
	tell(w.joint.to)
}

// Checking tells that a graph is compared with Keras on the unit.
func (w unitWatcher) Checking(graph string) {
	w.locked(func(to Watcher) { to.Checking(graph + " on " + w.name) })
}

// Launching tells how far the fleet is.
func (w unitWatcher) Launching(at Progress) {
	w.locked(func(to Watcher) {
		w.joint.units[w.name] = at
		to.Launching(w.joint.sum(w.name))
	})
}

// Epoch tells how far the fleet is.
func (w unitWatcher) Epoch(at Progress, e record.Epoch) {
	w.locked(func(to Watcher) {
		w.joint.units[w.name] = at
		if now := time.Now(); now.Sub(w.joint.shown) >= showEvery {
			w.joint.shown = now
			to.Epoch(w.joint.sum(w.name), e)
		}
	})
}

// Tracing tells that a step is traced on the unit.
func (w unitWatcher) Tracing(graph string) {
	w.locked(func(to Watcher) { to.Tracing(graph + " on " + w.name) })
}

// Notice tells a text, with the unit that it is about.
func (w unitWatcher) Notice(kind NoticeKind, text string) {
	w.locked(func(to Watcher) { to.Notice(kind, w.name+": "+text) })
}

// Idle does nothing: other units are at work.
func (unitWatcher) Idle() {}
