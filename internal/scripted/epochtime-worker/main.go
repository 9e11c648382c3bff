// Command epochtime-worker is a worker for tests that follows a script (package
// scripted). As a program of its own it starts faster than a test binary, which has
// the race detector.
package main

import "epochtime/internal/scripted"

func main() { scripted.Main() }
