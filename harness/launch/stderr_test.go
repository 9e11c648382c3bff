package launch

import "testing"

func TestTelling(t *testing.T) {
	const crash = "loading\nruntime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\nPC=0x7f m=4 sigcode=18446744073709551610\n\n"
	for text, want := range map[string]string{
		"":                  "  ",
		"one":               "  one",
		"1\n2\n3\n4\n5\n":   "  3\n  4\n  5",
		"1\n2\n3\n4\n5\n\n": "  3\n  4\n  5",
		crash + "goroutine 0 gp=0x1 m=4 mp=0x2 [idle]:\nruntime.x()\n\nrax 0x0\n": "  runtime/cgo: pthread_create failed: Resource temporarily unavailable\n  SIGABRT: abort\n  PC=0x7f m=4 sigcode=18446744073709551610",
		"fatal error: newosproc\n\nruntime stack:\nruntime.throw()\n":             "  fatal error: newosproc",
		"panic: odd\n\ngoroutine 1 [running]:\nmain.main()\n":                     "  panic: odd",
		"goroutine 1 [running]:\nmain.main()\n":                                   "  goroutine 1 [running]:\n  main.main()", // its begin is lost
	} {
		if got := telling(text, 3); got != want {
			t.Errorf("of %q, %q is told, want %q", text, got, want)
		}
	}
}
