/* docs/openapi.json as it is on disk; CMake gives the folder (-I). */
    .section .rodata
    .global pulse_openapi, pulse_openapi_end
pulse_openapi:
    .incbin "openapi.json"
pulse_openapi_end:
    .byte 0

    .section .note.GNU-stack,"",%progbits
