package main

import (
	"context"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// disturbances are what may disturb a machine, each for one burst.
var disturbances = map[string]func(context.Context){
	"burner": burn,
	"memory": press,
}

// disturb disturbs the machine in bursts that come and go, half a second to five
// long, until the context ends; it then returns a function that waits for the end.
func disturb(ctx context.Context, names []string, seed uint64) (wait func()) {
	var all sync.WaitGroup
	for i, name := range names {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		all.Go(func() {
			for ctx.Err() == nil {
				pause(ctx, between(random))
				burst, end := context.WithTimeout(ctx, between(random))
				disturbances[name](burst)
				end()
			}
		})
	}
	return all.Wait
}

func between(random *rand.Rand) time.Duration {
	return time.Duration((0.5 + 4.5*random.Float64()) * float64(time.Second))
}

func pause(ctx context.Context, t time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(t):
	}
}

// burn keeps one core busy.
func burn(ctx context.Context) {
	for ctx.Err() == nil {
		for range 1 << 20 {
			continue
		}
	}
}

// pressed is how much memory is taken and written to again and again.
const pressed = 1 << 30

// press takes memory, and keeps its bus busy.
func press(ctx context.Context) {
	held := make([]byte, pressed)
	for ctx.Err() == nil {
		for i := 0; i < len(held) && ctx.Err() == nil; i += 4096 {
			held[i]++
		}
	}
	held = nil
	debug.FreeOSMemory()
}
