/* The files of the page, as they are on disk; CMake gives the folder (-I). */
    .section .rodata
    .global pulse_index_html
    .global pulse_index_html_end
pulse_index_html:
    .incbin "page/index.html"
pulse_index_html_end:
    .byte 0

    .global pulse_socket_io_client
    .global pulse_socket_io_client_end
pulse_socket_io_client:
    .incbin "node_modules/socket.io-client/dist/socket.io.min.js"
pulse_socket_io_client_end:
    .byte 0

    .section .note.GNU-stack,"",%progbits
