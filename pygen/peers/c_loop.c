/* A bare training loop through the TensorFlow C API: nothing but TF_SessionRun on tensors made beforehand.
 *
 *   c_loop GRAPH BATCHES X Y LOSS WARMUP EPOCHS STARTED
 *
 * GRAPH is a SavedModel, BATCHES a file as prepare.py writes it; X, Y and LOSS name tensors ("serving_x:0"); STARTED is
 * when the process was started, in seconds of the monotonic clock. Prints the result as one JSON line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void fail(const char *what, const char *why) {
    fprintf(stderr, "c_loop: %s: %s\n", what, why);
    exit(1);
}

static void check(TF_Status *status, const char *what) {
    if (TF_GetCode(status) != TF_OK) fail(what, TF_Message(status));
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void read_all(FILE *file, void *to, size_t size) {
    if (fread(to, 1, size, file) != size) fail("batches", "the file is too short");
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
    if (dimensions < 1 || dimensions > 8) fail("batches", "a tensor has no or more than 8 dimensions");
    read_all(file, shape, (size_t)dimensions * sizeof *shape);
    size_t size = (size_t)read_number(file);
    TF_Tensor *tensor = TF_AllocateTensor(dtype, shape, (int)dimensions, size);
    if (tensor == NULL) fail("batches", "no memory");
    read_all(file, TF_TensorData(tensor), size);
    *examples = shape[0];
    return tensor;
}

static Batch *read_batches(const char *path, int64_t *count) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail(path, "cannot be opened");
    *count = read_number(file);
    Batch *batches = calloc((size_t)*count, sizeof *batches);
    if (batches == NULL) fail(path, "no memory");
    for (int64_t i = 0; i < *count; i++) {
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
    if (length >= sizeof operation) fail(name, "too long");
    memcpy(operation, name, length);
    operation[length] = 0;
    TF_Output output = {TF_GraphOperationByName(graph, operation), colon ? atoi(colon + 1) : 0};
    if (output.oper == NULL) fail(name, "no such tensor in the graph");
    return output;
}

static Step load(const char *folder, char **names) {
    const char *tag = "serve";
    Step step = {.status = TF_NewStatus()};
    TF_Graph *graph = TF_NewGraph();
    TF_SessionOptions *options = TF_NewSessionOptions();
    step.session = TF_LoadSessionFromSavedModel(options, NULL, folder, &tag, 1, graph, NULL, step.status);
    check(step.status, folder);
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
        check(step->status, "step");
        total += *(float *)TF_TensorData(loss) * (double)batches[i].examples;
        examples += (double)batches[i].examples;
        TF_DeleteTensor(loss);
    }
    return total / examples;
}

static void print_list(const char *name, const double *values, int count) {
    printf("\"%s\": [", name);
    for (int i = 0; i < count; i++) printf("%s%.9g", i ? ", " : "", values[i]);
    printf("], ");
}

int main(int argc, char **argv) {
    if (argc != 9) fail("usage", "c_loop GRAPH BATCHES X Y LOSS WARMUP EPOCHS STARTED");
    int warmup = atoi(argv[6]), epochs = warmup + atoi(argv[7]);
    int64_t count;
    Batch *batches = read_batches(argv[2], &count);
    Step step = load(argv[1], argv + 3);
    double *seconds = calloc((size_t)epochs, sizeof *seconds), *losses = calloc((size_t)epochs, sizeof *losses);
    if (seconds == NULL || losses == NULL) fail("epochs", "no memory");
    double start = 0;
    for (int i = 0; i < epochs; i++) {
        double before = now();
        if (i == warmup) start = before - atof(argv[8]);
        losses[i] = epoch(&step, batches, count);
        seconds[i] = now() - before;
    }
    printf("{");
    print_list("seconds", seconds + warmup, epochs - warmup);
    print_list("losses", losses, epochs);
    printf("\"start_s\": %.6f, \"versions\": {\"tensorflow\": \"%s\"}}\n", start, TF_Version());
    return 0;
}
