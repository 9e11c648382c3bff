package tfsession

import (
	"errors"
	"sync"
)

// ErrClosed: a method was called after Close, or on a value that was never
// opened. Test with errors.Is.
var ErrClosed = errors.New("it is closed or was never opened")

// life guards C memory. Any number of calls use the memory side by side; Close
// waits for them. The zero life is over.
//
// A call must not enter a life that it has entered already: a Close that waits
// in between would lock both out.
type life struct {
	mu   sync.RWMutex
	open bool
}

// enter returns ErrClosed once the life is over. Otherwise leave must follow.
func (l *life) enter() error {
	l.mu.RLock()
	if !l.open {
		l.mu.RUnlock()
		return ErrClosed
	}
	return nil
}

func (l *life) leave() { l.mu.RUnlock() }

// end calls free once, when no call uses the memory.
func (l *life) end(free func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open {
		l.open = false
		free()
	}
}

// owned is C memory that lives no longer than its session.
type owned interface {
	state() *part
	free() // once; nobody uses the memory
}

// part begins every type whose C memory belongs to a session. Its memory is
// guarded by the session's life, since one call uses several parts.
type part struct {
	session *Session
	open    bool
}

func (p *part) state() *part { return p }

// enter returns ErrClosed once the part or its session is closed. Otherwise
// leave must follow.
func (p *part) enter() error {
	if p.session == nil {
		return ErrClosed
	}
	p.session.life.mu.RLock()
	if !p.open {
		p.session.life.mu.RUnlock()
		return ErrClosed
	}
	return nil
}

func (p *part) leave() { p.session.life.mu.RUnlock() }

// own makes o a part of the session, which the caller has entered.
func (s *Session) own(o owned) {
	p := o.state()
	p.session, p.open = s, true
	s.partsMu.Lock()
	defer s.partsMu.Unlock()
	s.parts[o] = struct{}{}
}

// release frees o, unless that has been done.
func release(o owned) {
	p := o.state()
	if p.session == nil {
		return
	}
	p.session.life.mu.Lock()
	defer p.session.life.mu.Unlock()
	if p.open {
		delete(p.session.parts, o)
		p.open = false
		o.free()
	}
}
