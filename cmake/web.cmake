# The web app: Vite bundles web/ with the client's sources, scripts/embed_page.mjs turns the bundle into two
# sources of pulse_app. `npm ci` in web/ brings what both need; ./run and ./test do that.
find_program(NODE node REQUIRED)
set(web ${CMAKE_CURRENT_SOURCE_DIR}/web)
set(vite ${web}/node_modules/vite/bin/vite.js)
if(NOT EXISTS ${vite})
  message(FATAL_ERROR "web/node_modules is missing: run 'npm ci' in web/, or ./run, which does it")
endif()

file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/*
  ${CMAKE_CURRENT_SOURCE_DIR}/clients/typescript/src/*)
set(bundle ${CMAKE_BINARY_DIR}/web/dist)
set(embedded ${CMAKE_BINARY_DIR}/web/embedded)
add_custom_command(OUTPUT ${embedded}/page_files.S ${embedded}/page_files.cpp
  COMMAND ${NODE} ${vite} build --logLevel warn --emptyOutDir --outDir ${bundle}
  COMMAND ${NODE} ${CMAKE_CURRENT_SOURCE_DIR}/scripts/embed_page.mjs ${bundle} ${embedded}
  DEPENDS ${web_sources} ${web}/index.html ${web}/vite.config.ts ${web}/tsconfig.json ${web}/package-lock.json
    ${CMAKE_CURRENT_SOURCE_DIR}/scripts/embed_page.mjs
  WORKING_DIRECTORY ${web}
  COMMENT "Bundling the web app" VERBATIM)
target_sources(pulse_app PRIVATE ${embedded}/page_files.S ${embedded}/page_files.cpp)
