/* A bare training loop through the TensorFlow C API: nothing but TF_SessionRun on tensors made beforehand.
 *
 *   c_loop GRAPH BATCHES X Y LOSS WARMUP EPOCHS STEPS SAMPLES BEGAN LOADED
 *
 * GRAPH is a SavedModel, BATCHES a file as c_loop.py writes it; X, Y and LOSS name tensors ("serving_x:0"); EPOCHS is all
 * of them, WARMUP those that come first; BEGAN is when the process began, in seconds of the monotonic clock; LOADED is the
 * JSON object of the event "loaded", which lacks load_s. Events go to stdout, after the hello, and stdin is the parent's. */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "tensorflow/c/c_api.h"

typedef struct {
    TF_Tensor *values[2];
    int64_t examples;
} Batch;

typedef struct {
    TF_Session *session;
    TF_Output feeds[2], fetch;
    TF_Status *status;
} Step;

/* Says why the launch failed, as its last word. */
static void fail(const char *code, const char *what, const char *why) {
    fprintf(stderr, "c_loop: %s: %s\n", what, why);
    printf("{\"event\": \"error\", \"error\": {\"code\": \"%s\", \"message\": \"%s: ", code, what);
    for (; *why; why++) putchar(*why == '"' || *why == '\\' || (unsigned char)*why < ' ' ? ' ' : *why);
    printf("\"}}\n");
    exit(1);
}

static void check(const char *code, TF_Status *status, const char *what) {
    if (TF_GetCode(status) != TF_OK) fail(code, what, TF_Message(status));
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void read_all(FILE *file, void *to, size_t size) {
    if (fread(to, 1, size, file) != size) fail("data", "batches", "the file is too short");
}

static int64_t read_number(FILE *file) {
    int64_t number;
    read_all(file, &number, sizeof number);
    return number;
}

/* Reads one tensor; *examples is its first dimension. */
static TF_Tensor *read_tensor(FILE *file, int64_t *examples) {
    int64_t shape[8];
    TF_DataType dtype = (TF_DataType)read_number(file);
    int64_t dimensions = read_number(file);
    if (dimensions < 1 || dimensions > 8) fail("data", "batches", "a tensor has no or more than 8 dimensions");
    read_all(file, shape, (size_t)dimensions * sizeof *shape);
    size_t size = (size_t)read_number(file);
    TF_Tensor *tensor = TF_AllocateTensor(dtype, shape, (int)dimensions, size);
    if (tensor == NULL) fail("oom", "batches", "no memory");
    read_all(file, TF_TensorData(tensor), size);
    *examples = shape[0];
    return tensor;
}

static Batch *read_batches(const char *path, int64_t count) {
    FILE *file = fopen(path, "rb");
    Batch *batches = calloc((size_t)count, sizeof *batches);
    if (file == NULL || batches == NULL) fail("data", "batches", "they cannot be read");
    for (int64_t i = 0; i < count; i++) {
        for (int k = 0; k < 2; k++) batches[i].values[k] = read_tensor(file, &batches[i].examples);
    }
    fclose(file);
    return batches;
}

/* Finds the tensor called "operation:index". */
static TF_Output find(TF_Graph *graph, const char *name) {
    char operation[512];
    const char *colon = strrchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : strlen(name);
    if (length >= sizeof operation) fail("graph", name, "too long");
    memcpy(operation, name, length);
    operation[length] = 0;
    TF_Output output = {TF_GraphOperationByName(graph, operation), colon ? atoi(colon + 1) : 0};
    if (output.oper == NULL) fail("graph", name, "no such tensor in the graph");
    return output;
}

static Step load(const char *folder, char **names) {
    const char *tag = "serve";
    Step step = {.status = TF_NewStatus()};
    TF_Graph *graph = TF_NewGraph();
    TF_SessionOptions *options = TF_NewSessionOptions();
    step.session = TF_LoadSessionFromSavedModel(options, NULL, folder, &tag, 1, graph, NULL, step.status);
    check("graph", step.status, "loading");
    for (int k = 0; k < 2; k++) step.feeds[k] = find(graph, names[k]);
    step.fetch = find(graph, names[2]);
    TF_DeleteSessionOptions(options);
    return step;
}

/* Trains one epoch and returns its mean loss, weighted by examples. */
static double epoch(Step *step, Batch *batches, int64_t count) {
    double total = 0, examples = 0;
    for (int64_t i = 0; i < count; i++) {
        TF_Tensor *loss = NULL;
        TF_SessionRun(step->session, NULL, step->feeds, batches[i].values, 2, &step->fetch, &loss, 1, NULL, 0, NULL,
                      step->status);
        check("step", step->status, "step");
        total += *(float *)TF_TensorData(loss) * (double)batches[i].examples;
        examples += (double)batches[i].examples;
        TF_DeleteTensor(loss);
    }
    return total / examples;
}

/* Ends the launch if the parent asks for it, or is gone. */
static void heed(void) {
    struct pollfd parent = {.fd = 0, .events = POLLIN};
    if (poll(&parent, 1, 0) > 0) fail("interrupted", "stopped", "the parent asked for it, or is gone");
}

static struct rusage usage(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used;
}

int main(int argc, char **argv) {
    if (argc != 12) fail("job", "usage", "c_loop GRAPH BATCHES X Y LOSS WARMUP EPOCHS STEPS SAMPLES BEGAN LOADED");
    setvbuf(stdout, NULL, _IOLBF, 0); /* each event is written as its line ends */
    int warmup = atoi(argv[6]), epochs = atoi(argv[7]), steps = atoi(argv[8]);
    double began = atof(argv[10]), before = now();
    Batch *batches = read_batches(argv[2], steps);
    Step step = load(argv[1], argv + 3);
    printf("{\"event\": \"loaded\", \"loaded\": {\"load_s\": %.9f, %s}\n", now() - before, argv[11] + 1);
    long switches = 0;
    for (int i = 0; i < epochs; i++) {
        heed();
        if (i == warmup) switches = usage().ru_nivcsw;
        double start = now(), loss = epoch(&step, batches, steps), seconds = now() - start;
        if (!(loss - loss == 0)) fail("nonfinite", "epoch", "its loss is not finite");
        printf("{\"event\": \"epoch\", \"epoch\": {\"index\": %d, \"warmup\": %s, \"start_s\": %.9f, \"seconds\": %.9f, "
               "\"wait_s\": 0, \"step_s\": %.9f, \"other_s\": 0, \"preprocess_s\": 0, \"steps\": %d, \"samples\": %s, "
               "\"loss\": %.9g}}\n",
               i, i < warmup ? "true" : "false", start - began, seconds, seconds, steps, argv[9], loss);
    }
    printf("{\"event\": \"memory\", \"memory\": {\"memory\": {\"peak_rss_bytes\": %ld}, \"disturbance\": {\"steal_s\": 0, "
           "\"involuntary_switches\": %ld}}}\n{\"event\": \"done\"}\n",
           1024 * usage().ru_maxrss, usage().ru_nivcsw - switches);
    return 0;
}
