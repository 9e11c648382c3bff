package limits

import "syscall"

// descriptors are more than the runtime opens for itself.
const descriptors = 8

// threads are more than the runtime starts before a program does anything.
const threads = 32

// A package is initialized after what it imports, and otherwise by the order of
// paths. With any further import this one would come after others that open files.
func init() {
	if lack := lacking(descriptors, threads); lack != "" {
		_, _ = syscall.Write(syscall.Stderr, []byte("epochtime: "+lack+"\n")) // else nothing can be said
		syscall.Exit(1)
	}
}

// limitThreads is RLIMIT_NPROC, which package syscall lacks.
const limitThreads = 6

// lacking returns which limit is too low for a number of further descriptors, or for
// a number of threads; empty if none is.
func lacking(descriptors int, threads uint64) string {
	var opened []int
	defer func() {
		for _, fd := range opened {
			_ = syscall.Close(fd) // nothing was written
		}
	}()
	for range descriptors {
		fd, err := syscall.Open("/", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch err {
		case nil:
			opened = append(opened, fd)
		case syscall.EMFILE, syscall.ENFILE:
			return "too few files can be open at once: raise the limit (ulimit -n)"
		}
	}
	var limit syscall.Rlimit
	if syscall.Geteuid() != 0 && syscall.Getrlimit(limitThreads, &limit) == nil && limit.Cur < threads { // root has no such limit
		return "too few threads can run at once: raise the limit (ulimit -u)"
	}
	return ""
}
