import without_cuda


def test_stand_in_has_what_is_asked_for():
    listing = """
 0x1 (NEEDED) Shared library: [libcudart.so.13]
 0x1 (NEEDED) Shared library: [libcudnn.so.9]
 0x1 (NEEDED) Shared library: [libm.so.6]
     1: 0 0 FUNC GLOBAL DEFAULT UND cudaMalloc@libcudart.so.13 (2)
     2: 0 0 FUNC GLOBAL DEFAULT UND cudnnCreate (3)
     3: 0 0 FUNC GLOBAL DEFAULT UND ncclSend@libnccl.so.2
     4: 0 0 FUNC GLOBAL DEFAULT UND sin@GLIBC_2.2 (4)
     5: 9 0 FUNC GLOBAL DEFAULT 12 cublasMine
"""
    names, functions = without_cuda.wanted(listing)
    assert names == {"libcudnn.so.9"} and functions == {"cudnnCreate", "ncclSend"}
    assert "void ncclSend(void) { abort(); }" in without_cuda.source(functions)
