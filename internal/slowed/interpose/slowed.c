// Makes a worker take longer by a known share: it runs every so many steps twice, by
// SLOWED_SHARE of all. More of the same work is the only slowdown that stays what it
// is on a busy machine: a worker that is stopped, or waits, gets some of that time
// back from the scheduler afterwards. The first steps stay as they are, because a
// worker that does some twice does not train as Keras does, and is found out.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

enum { untouched = 40 };

typedef void run(void *, void *, void *, void *, int, void *, void **, int, void *, int, void *, void *);
typedef void delete(void *);

void TF_SessionRun(void *session, void *options, void *inputs, void *values, int n, void *outputs,
                   void **results, int m, void *targets, int k, void *metadata, void *status) {
	static run *real;
	static delete *delete_tensor;
	static double share, owed;
	static long calls;
	if (!real) {
		const char *text = getenv("SLOWED_SHARE");
		share = text ? atof(text) : 0;
		delete_tensor = (delete *)dlsym(RTLD_NEXT, "TF_DeleteTensor");
		real = (run *)dlsym(RTLD_NEXT, "TF_SessionRun");
	}
	if (++calls > untouched) {
		owed += share;
	}
	for (; owed >= 1; owed--) {
		real(session, options, inputs, values, n, outputs, results, m, targets, k, metadata, status);
		for (int i = 0; i < m; i++) {
			if (results[i]) {
				delete_tensor(results[i]);
				results[i] = NULL;
			}
		}
	}
	real(session, options, inputs, values, n, outputs, results, m, targets, k, metadata, status);
}
