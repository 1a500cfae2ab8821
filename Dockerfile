# The image of daybook: the program, the libraries that it needs, and nothing else. `make image` builds it.
ARG BUILD_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /source
COPY scripts/deps.sh scripts/
RUN scripts/deps.sh
COPY CMakeLists.txt CMakePresets.json ./
COPY src src
ARG JOBS
RUN cmake --preset release -DBUILD_TESTING=OFF \
 && cmake --build --preset release --target daybook --parallel ${JOBS:-$(nproc)}
# Apart, so that another revision of the same sources compiles one file.
ARG REVISION=unknown
RUN cmake --preset release -DDAYBOOK_REVISION="$REVISION" \
 && cmake --build --preset release --target daybook
# ldd names the dynamic loader as well. Copied under their own paths, the libraries are found without a cache.
RUN install -D --strip build/release/daybook /image/usr/bin/daybook \
 && ldd /image/usr/bin/daybook | grep -o '/[^ ]*' | xargs cp --dereference --parents --target-directory=/image \
 && mkdir -p /image/etc /image/var/lib /data \
 && echo 'daybook:x:65532:65532:daybook:/var/lib/daybook:/nonexistent' >/image/etc/passwd \
 && echo 'daybook:x:65532:' >/image/etc/group \
 && chroot /image /usr/bin/daybook version

FROM scratch
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="daybook" \
      org.opencontainers.image.description="An append-only commit log over HTTP" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
# Of the program's user, so that a new volume is, too.
COPY --from=build --chown=65532:65532 /data /var/lib/daybook
ENV DAYBOOK_DATA_DIR=/var/lib/daybook
VOLUME /var/lib/daybook
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/daybook"]
CMD ["serve"]
